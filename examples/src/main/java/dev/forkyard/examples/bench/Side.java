package dev.forkyard.examples.bench;

import java.io.IOException;

/** One of the two that are compared, ready to be measured again and again. */
interface Side extends AutoCloseable {
  /** Does the work once and answers the seconds that it took. */
  double measure() throws Exception;

  @Override
  void close() throws IOException;

  /** One measurement without the clock. */
  interface Work {
    void run() throws Exception;
  }

  /** One of the operations of a measurement. */
  interface Operation {
    void run(int number) throws Exception;
  }

  /** Makes a side of what is measured as a whole. */
  static Side of(Work work, Runnable end) {
    return new Side() {
      @Override
      public double measure() throws Exception {
        return seconds(work);
      }

      @Override
      public void close() {
        end.run();
      }
    };
  }

  /** Makes a side whose operations are measured; it answers as if each had taken the median. */
  static Side ofMedian(int operations, Operation operation, Runnable end) {
    return new Side() {
      @Override
      public double measure() throws Exception {
        double[] seconds = new double[operations];
        for (int i = 0; i < operations; i++) {
          int number = i;
          seconds[i] = seconds(() -> operation.run(number));
        }
        return operations * Result.median(seconds);
      }

      @Override
      public void close() {
        end.run();
      }
    };
  }

  private static double seconds(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  /** What workers and processes run. */
  static int same(int number) {
    return number;
  }

  /** Fails when a result is not what it should be. */
  static void check(int result, int expected) {
    if (result != expected) {
      throw new IllegalStateException("results are missing or wrong");
    }
  }
}
