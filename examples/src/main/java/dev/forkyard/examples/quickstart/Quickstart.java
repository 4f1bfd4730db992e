package dev.forkyard.examples.quickstart;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.ProcessSpec;
import java.util.List;

/** The program of the README. */
public final class Quickstart {
  private Quickstart() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    try (Forkyard yard = Forkyard.startLocal()) {
      System.out.println(yard.processes().start(Tasks::greet, "kel").result());

      var list = yard.processes().start(ProcessSpec.of("ls", "/"));
      System.out.println(list.join() + ": " + list.stdout().readAll().lines().count() + " names");

      try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
        System.out.println(pool.map(Tasks::square, List.of(1, 2, 3)));
      }
    }
  }
}
