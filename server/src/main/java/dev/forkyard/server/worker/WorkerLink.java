package dev.forkyard.server.worker;

/** The connection to a worker. Methods may be called on every thread, and none waits. */
public interface WorkerLink {

  void assign(Assignment assignment);

  /** Tells the worker to finish what it has and exit. */
  void drain();

  void close();
}
