package dev.forkyard.server.core;

import java.util.HashMap;
import java.util.Map;

/** The legal changes of a state machine. Immutable once built. */
public final class TransitionTable<S extends Enum<S>, E extends Enum<E>> {
  private record Key<S, E>(S state, E event) {}

  private final Map<Key<S, E>, S> next = new HashMap<>();

  /** Adds a change; returns this table. Only for use while it is being built. */
  public TransitionTable<S, E> on(S state, E event, S newState) {
    next.put(new Key<>(state, event), newState);
    return this;
  }

  public boolean allows(S state, E event) {
    return next.containsKey(new Key<>(state, event));
  }

  /**
   * The state after an event.
   *
   * @throws IllegalStateException when the event cannot happen in this state: a bug of the daemon
   */
  public S after(S state, E event) {
    S found = next.get(new Key<>(state, event));
    if (found == null) {
      throw new IllegalStateException(event + " cannot happen in state " + state);
    }
    return found;
  }
}
