package dev.forkyard.server.session;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Resolves handles without knowing the features: each feature registers a resolver for its kind
 * before the daemon serves.
 */
public final class Handles {

  /** Finds the target of a handle and holds it. */
  public interface Resolver {
    /**
     * @param inside where the handle is; null when it is inside of nothing
     * @throws Fault when the target does not exist
     */
    Hold hold(Handle handle, @Nullable Keepers inside);
  }

  private final Map<Handle.Kind, Resolver> resolvers = new EnumMap<>(Handle.Kind.class);

  public void register(Handle.Kind kind, Resolver resolver) {
    resolvers.put(kind, resolver);
  }

  /**
   * Holds every target, or none, for handles that are inside of nothing.
   *
   * @throws Fault of the first target that does not exist
   */
  public Hold hold(List<Handle> handles) {
    return hold(handles, null);
  }

  /**
   * Holds every target, or none.
   *
   * @param inside where the handles are; null when they are inside of nothing
   * @throws Fault of the first target that does not exist
   */
  public Hold hold(List<Handle> handles, @Nullable Keepers inside) {
    if (handles.isEmpty()) {
      return Hold.NOTHING;
    }
    List<Hold> holds = new ArrayList<>(handles.size());
    try {
      for (Handle handle : handles) {
        holds.add(resolver(handle).hold(handle, inside));
      }
    } catch (Fault missing) {
      holds.forEach(Hold::revoke);
      throw missing;
    }
    return new Several(holds);
  }

  /** Holds those targets that exist for a result, which {@linkplain Hold#offer offers} them. */
  public Hold holdForResult(List<Handle> handles) {
    if (handles.isEmpty()) {
      return Hold.NOTHING;
    }
    List<Hold> holds = new ArrayList<>(handles.size());
    for (Handle handle : handles) {
      try {
        Hold hold = resolver(handle).hold(handle, null);
        hold.offer();
        holds.add(hold);
      } catch (Fault missing) {
        // whoever follows the handle will be told
      }
    }
    return new Several(holds);
  }

  private Resolver resolver(Handle handle) {
    Resolver resolver = resolvers.get(handle.kind());
    if (resolver == null) {
      throw new IllegalStateException("nobody resolves handles of kind " + handle.kind());
    }
    return resolver;
  }

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

    @Override
    public void revoke() {
      for (Hold hold : holds) {
        hold.revoke();
      }
    }
  }
}
