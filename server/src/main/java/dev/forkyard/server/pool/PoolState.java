package dev.forkyard.server.pool;

import dev.forkyard.server.core.TransitionTable;

/** Life of a pool. */
public enum PoolState {
  OPEN,
  FAILED,
  TERMINATED;

  enum Event {
    WORKERS_CANNOT_START,
    TERMINATE
  }

  static final TransitionTable<PoolState, Event> TABLE =
      new TransitionTable<PoolState, Event>()
          .on(OPEN, Event.WORKERS_CANNOT_START, FAILED)
          .on(OPEN, Event.TERMINATE, TERMINATED)
          .on(FAILED, Event.TERMINATE, TERMINATED);
}
