package dev.forkyard.examples.bench;

import dev.forkyard.client.Forkyard;
import org.jspecify.annotations.Nullable;

/**
 * Something that both sides can do.
 *
 * @param name its name
 * @param operations how many operations a measurement is; its figure is operations a second
 * @param goal how many times the peer's figure ours is to be; null if there is no goal
 * @param ours makes our side
 * @param peer name of the case in peer.py
 * @param needs program that the peer needs beside Python; null for none
 */
record BenchCase(
    String name,
    int operations,
    @Nullable Double goal,
    SideMaker ours,
    String peer,
    @Nullable String needs) {
  /** Makes our side of a case. */
  interface SideMaker {
    Side make(Forkyard yard, int operations) throws Exception;
  }

  BenchCase(String name, int operations, @Nullable Double goal, SideMaker ours, String peer) {
    this(name, operations, goal, ours, peer, null);
  }

  /** The same where the machine has a program. */
  BenchCase needing(String program) {
    return new BenchCase(name, operations, goal, ours, peer, program);
  }
}
