package dev.forkyard.server.session;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Registry;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Things of one kind by id. One that has an owner ends when nothing keeps it any more, see {@link
 * Keepers}; every one can be ended by name. Thread-safe.
 */
public final class OwnedThings<T> {

  /** A thing, whose it is, and what keeps it. */
  public record Owned<T>(String id, T thing, Owner owner, Keepers keepers) {}

  /** Makes a thing, which may see to it that it is kept. */
  public interface Maker<T> {
    T make(String id, Keepers keepers);
  }

  private final Registry<Owned<T>> registry;
  private final Consumer<T> ending;

  /**
   * @param ending ends a thing; called once for each, after it was taken out, outside of every lock
   */
  public OwnedThings(Registry.Kind kind, int limit, Consumer<T> ending) {
    this.registry = new Registry<>(kind, limit);
    this.ending = ending;
  }

  /**
   * Makes a thing under a new id.
   *
   * @throws Fault when the id is malformed or taken, the limit is reached, or the owner has ended
   */
  public Owned<T> create(String wantedId, Owner owner, Maker<T> maker) {
    Registry.Made<Owned<T>> made = getOrCreate(wantedId, owner, maker);
    if (!made.isNew()) {
      throw registry.exists(wantedId, "");
    }
    return made.thing();
  }

  /** As {@link #create}, but answers the thing that has the id already. */
  public Registry.Made<Owned<T>> getOrCreate(String wantedId, Owner owner, Maker<T> maker) {
    Registry.Made<Owned<T>> made = registry.getOrCreate(wantedId, id -> make(id, owner, maker));
    if (made.isNew()) {
      begin(made.thing());
    }
    return made;
  }

  private static <T> Owned<T> make(String id, Owner owner, Maker<T> maker) {
    Keepers keepers = new Keepers(owner);
    return new Owned<>(id, maker.make(id, keepers), owner, keepers);
  }

  private void begin(Owned<T> owned) {
    try {
      owned.keepers().begin(() -> end(owned));
    } catch (Fault ownerIsGone) {
      end(owned);
      throw ownerIsGone;
    }
  }

  /**
   * Keeps a thing for a handle.
   *
   * @param inside where the handle is; null when it is inside of nothing
   * @throws Fault the kind's not-found reason when it has just ended
   */
  public Hold hold(Owned<T> owned, @Nullable Keepers inside) {
    Hold hold = owned.keepers().hold(inside);
    if (hold == null) {
      throw registry.notFound(owned.id());
    }
    return hold;
  }

  /**
   * @throws Fault the kind's not-found reason
   */
  public Owned<T> get(String id) {
    return registry.get(id);
  }

  /** A thing, or null when there is none. */
  public @Nullable Owned<T> find(String id) {
    return registry.find(id);
  }

  /** As {@link Registry#page}. */
  public Registry.Page<Owned<T>> page(int size, String token) {
    return registry.page(size, token);
  }

  /** The refusal of an id that is taken. */
  public Fault exists(String id, String difference) {
    return registry.exists(id, difference);
  }

  /**
   * Takes a thing out and ends it.
   *
   * @throws Fault the kind's not-found reason, also when somebody else was faster
   */
  public void delete(Owned<T> owned) {
    if (!end(owned)) {
      throw registry.notFound(owned.id());
    }
  }

  /** Takes a thing out and ends it; false when that was done before. */
  @CanIgnoreReturnValue
  public boolean end(Owned<T> owned) {
    if (!registry.remove(owned.id(), owned)) {
      return false;
    }
    owned.keepers().ended();
    ending.accept(owned.thing());
    return true;
  }

  /** Ends everything. */
  public void endAll() {
    registry.all().forEach(this::end);
  }

  /** Everything, oldest first. */
  public List<Owned<T>> all() {
    return registry.all();
  }

  public int size() {
    return registry.size();
  }
}
