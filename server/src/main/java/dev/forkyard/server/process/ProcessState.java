package dev.forkyard.server.process;

import dev.forkyard.server.core.TransitionTable;

/** Life of a process. */
public enum ProcessState {
  STARTING,
  RUNNING,
  STOPPING,
  EXITED;

  enum Event {
    STARTED,
    STOP_REQUESTED,
    ENDED,
    NOT_STARTED,
    RESTARTED
  }

  static final TransitionTable<ProcessState, Event> TABLE =
      new TransitionTable<ProcessState, Event>()
          .on(STARTING, Event.STARTED, RUNNING)
          .on(RUNNING, Event.STOP_REQUESTED, STOPPING)
          .on(RUNNING, Event.ENDED, EXITED)
          .on(STOPPING, Event.ENDED, EXITED)
          .on(STARTING, Event.NOT_STARTED, EXITED)
          .on(EXITED, Event.RESTARTED, STARTING);
}
