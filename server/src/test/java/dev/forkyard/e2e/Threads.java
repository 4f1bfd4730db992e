package dev.forkyard.e2e;

import static dev.forkyard.e2e.PrivateYard.LONG;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** What waits is done in a thread of its own. */
final class Threads {
  private Threads() {}

  static <R> FutureTask<R> begin(Callable<R> what) {
    FutureTask<R> task = new FutureTask<>(what);
    new Thread(task).start();
    return task;
  }

  /** What it answered, waited for. */
  static <R> R result(FutureTask<R> task) throws Exception {
    return task.get(LONG.toSeconds(), TimeUnit.SECONDS);
  }
}
