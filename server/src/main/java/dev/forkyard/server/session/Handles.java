package dev.forkyard.server.session;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Resolves handles without knowing the features: each feature registers a resolver for its kind
 * before the daemon serves.
 */
public final class Handles {

  /** Finds the target of a handle and holds it. */
  public interface Resolver {
    /**
     * @throws Fault when the target does not exist
     */
    Hold hold(Handle handle);
  }

  private final Map<Handle.Kind, Resolver> resolvers = new EnumMap<>(Handle.Kind.class);

  public void register(Handle.Kind kind, Resolver resolver) {
    resolvers.put(kind, resolver);
  }

  /**
   * Holds every target, or none.
   *
   * @throws Fault of the first target that does not exist
   */
  public Hold hold(List<Handle> handles) {
    if (handles.isEmpty()) {
      return NOTHING;
    }
    List<Hold> holds = new ArrayList<>(handles.size());
    try {
      for (Handle handle : handles) {
        Resolver resolver = resolvers.get(handle.kind());
        if (resolver == null) {
          throw new IllegalStateException("nobody resolves handles of kind " + handle.kind());
        }
        holds.add(resolver.hold(handle));
      }
    } catch (Fault missing) {
      holds.forEach(Hold::release);
      throw missing;
    }
    return new Several(holds);
  }

  private static final Hold NOTHING = new Several(List.of());

  private record Several(List<Hold> holds) implements Hold {
    @Override
    public void shareWith(Session session) {
      for (Hold hold : holds) {
        hold.shareWith(session);
      }
    }

    @Override
    public void release() {
      for (Hold hold : holds) {
        hold.release();
      }
    }
  }
}
