package dev.forkyard.e2e;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolProgressBar;
import dev.forkyard.client.ProcessPool;
import java.util.stream.IntStream;

/** A program with a pool, for tests of how programs are started. */
public final class PoolProgram {
  private static final int CALLS = 20;

  private PoolProgram() {}

  /** Uses the daemon at the given address, and tells on standard output how that went. */
  public static void main(String[] args) throws Exception {
    try (Forkyard yard = Forkyard.connect(args[0]);
        ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1))) {
      PoolProgressBar bar = pool.progressBar("counting", CALLS);
      int last = pool.map(Tasks::square, IntStream.range(0, CALLS).boxed().toList()).get(CALLS - 1);
      bar.close();
      System.out.println("the last result is " + last);
    } catch (ForkyardException e) {
      System.out.println(e.reason() + ": " + e.getMessage());
    }
  }
}
