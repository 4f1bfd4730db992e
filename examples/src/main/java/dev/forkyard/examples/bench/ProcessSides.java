package dev.forkyard.examples.bench;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ProcessSpec;

/** Our sides of the cases of processes, each made like the function of peer.py of its case. */
final class ProcessSides {
  private ProcessSides() {}

  /** Starts processes of a function and waits for the end of each, one after the other. */
  static Side functions(Forkyard yard, int operations) {
    return Side.of(
        () -> {
          for (int i = 0; i < operations; i++) {
            Side.check(yard.processes().start(Side::same, i).result(), i);
          }
        },
        () -> {});
  }

  /** Starts a command and waits for its end, one after the other. */
  static Side start(Forkyard yard, int operations) {
    return Side.of(
        () -> {
          for (int i = 0; i < operations; i++) {
            if (!yard.processes().start(ProcessSpec.of("/bin/true")).join().success()) {
              throw new IllegalStateException("/bin/true failed");
            }
          }
        },
        () -> {});
  }
}
