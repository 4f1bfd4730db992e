package dev.forkyard.examples.bench;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;

/** Our sides of the cases of pipes, each made like the function of peer.py of its case. */
final class PipeSides {
  private static final int LARGE = 64 << 10;

  private PipeSides() {}

  /** Sends small messages to another process. */
  static Side oneWay(Forkyard yard, int operations) {
    return oneWay(yard, operations, Items.SMALL);
  }

  /** Sends large messages to another process. */
  static Side oneWayLarge(Forkyard yard, int operations) {
    return oneWay(yard, operations, Items.ofBytes(LARGE));
  }

  private static Side oneWay(Forkyard yard, int operations, byte[] message) {
    Pipe<byte[]> pipe = yard.pipes().create(byte[].class);
    ManagedProcess receiver = yard.processes().start(PipeSides::count, pipe.right(), operations);
    return Side.of(
        () -> {
          for (int i = 0; i < operations; i++) {
            pipe.left().send(message);
          }
          Side.check(pipe.left().receive().length, 0);
        },
        receiver::kill);
  }

  /** Sends a message and waits until another process has sent it back. */
  static Side roundTrip(Forkyard yard, int operations) {
    Pipe<byte[]> pipe = yard.pipes().create(byte[].class);
    ManagedProcess echo = yard.processes().start(PipeSides::echo, pipe.right());
    return Side.ofMedian(
        operations,
        number -> {
          pipe.left().send(Items.SMALL);
          Side.check(pipe.left().receive().length, Items.SMALL.length);
        },
        echo::kill);
  }

  /** What a receiver's process runs, until it is killed: says when it has so many messages. */
  static void count(PipeEnd<byte[]> end, int messages) throws InterruptedException {
    while (true) {
      for (int i = 0; i < messages; i++) {
        byte[] unused = end.receive();
      }
      end.send(new byte[0]);
    }
  }

  /** What the process of the other end runs, until it is killed. */
  static void echo(PipeEnd<byte[]> end) throws InterruptedException {
    while (true) {
      end.send(end.receive());
    }
  }
}
