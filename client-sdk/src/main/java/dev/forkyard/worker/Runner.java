package dev.forkyard.worker;

import java.io.IOException;

/** The thread that runs the calls. A class, because a lambda makes the start slower. */
final class Runner extends Thread {
  private final Outbox outbox;
  private final Orders orders;
  private final boolean functionProcess;

  /**
   * Prepares the thread.
   *
   * @param functionProcess true if the process is to end with the first failure
   */
  Runner(Outbox outbox, Orders orders, boolean functionProcess) {
    super("forkyard-worker");
    this.outbox = outbox;
    this.orders = orders;
    this.functionProcess = functionProcess;
  }

  /** The context of the running call; asked by this thread. */
  TaskContext context() {
    return outbox.context();
  }

  @Override
  public void run() {
    try {
      Calls calls = null;
      while (orders.take() instanceof Order.Assignment assignment) {
        if (calls == null) {
          calls = new Calls(outbox, orders, functionProcess);
        }
        calls.run(assignment);
      }
      System.exit(0);
    } catch (IOException e) {
      WorkerMain.linkBroken();
    } catch (Throwable e) { // no call may wait for a worker that lost its thread
      WorkerMain.failed(e);
    }
  }
}
