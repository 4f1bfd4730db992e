package dev.forkyard.server.pool;

import dev.forkyard.server.core.TransitionTable;

/** Life of a pool. */
public enum PoolState {
  OPEN,
  CLOSING,
  CLOSED,
  FAILED,
  TERMINATED;

  enum Event {
    CLOSE,
    WORKERS_LEFT,
    WORKERS_CANNOT_START,
    TERMINATE
  }

  static final TransitionTable<PoolState, Event> TABLE =
      new TransitionTable<PoolState, Event>()
          .on(OPEN, Event.CLOSE, CLOSING)
          .on(OPEN, Event.WORKERS_CANNOT_START, FAILED)
          .on(OPEN, Event.TERMINATE, TERMINATED)
          .on(CLOSING, Event.WORKERS_LEFT, CLOSED)
          .on(CLOSING, Event.WORKERS_CANNOT_START, FAILED)
          .on(CLOSING, Event.TERMINATE, TERMINATED);

  /** True while calls are run. */
  boolean isRunning() {
    return this == OPEN || this == CLOSING;
  }
}
