package dev.forkyard.server.worker;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;

/**
 * Who uses a worker. Called for one worker at a time in the order of what happened, on threads of
 * the daemon; must not block. {@link #lost} comes exactly once, last, and after every result that
 * the worker produced.
 */
public interface WorkerListener {

  /** The process runs. */
  void started(ProcessSnapshot process, Session session);

  /** The worker takes assignments over this connection. */
  void ready(WorkerLink link);

  /** Calls returned. A result may be told twice. */
  void results(Results results);

  /** A call failed. */
  void failed(int number, int index, Failure failure);

  /** Nothing more comes over its connection, and nothing that it is given now is begun. */
  void disconnected();

  /** The worker is gone, or never came. */
  void lost(WorkerDeath death);
}
