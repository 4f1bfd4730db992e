package dev.forkyard.examples.wordcount;

import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.ProcessPool;

/** Is told how a job goes on, and may kill what it is given. */
public interface Steps {
  /**
   * Is called when a worker's result was put into the queue, on the thread that puts them.
   *
   * @param results how many there are so far
   * @param pool the pool that counts
   * @throws InterruptedException if interrupted
   */
  default void resultPassedOn(int results, ProcessPool pool) throws InterruptedException {}

  /**
   * Is called when the collector has answered a sum, on the thread that runs the job.
   *
   * @param totals the totals with that sum
   * @param collector the process that sent it
   */
  default void sumReceived(Totals totals, ManagedProcess collector) {}
}
