package dev.forkyard.e2e;

import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import java.util.ArrayList;
import java.util.List;

/** Functions that the tests of pipes run in other processes. */
final class PipeTasks {
  private PipeTasks() {}

  /** Sends the numbers from 0 on, one by one. */
  static void sendNumbers(PipeEnd<Integer> end, int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      end.send(i);
    }
  }

  /** Sends several times the same word, told apart by a number. */
  static void sendWords(PipeEnd<String> end, String word, int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      end.send(word + i);
    }
  }

  /** Receives to the end; tells what it got. */
  static <T> List<T> drain(PipeEnd<T> end) throws InterruptedException {
    List<T> got = new ArrayList<>();
    try {
      while (true) {
        got.add(end.receive());
      }
    } catch (PipeEndedException e) {
      return got;
    }
  }

  static List<String> drainWords(PipeEnd<String> end) throws InterruptedException {
    return drain(end);
  }

  /** Sends back what it receives, until the end. */
  static void echo(PipeEnd<byte[]> end) throws InterruptedException {
    try {
      while (true) {
        end.send(end.receive());
      }
    } catch (PipeEndedException e) {
      // the other end was closed
    }
  }

  static void sendAndHang(PipeEnd<String> end, String message) throws InterruptedException {
    end.send(message);
    Thread.currentThread().join();
  }

  static void sendAndHalt(PipeEnd<String> end, String message, int code)
      throws InterruptedException {
    end.send(message);
    Runtime.getRuntime().halt(code);
  }

  static void sendAndExit(PipeEnd<String> end, String message, int code)
      throws InterruptedException {
    end.send(message);
    System.exit(code);
  }

  /** Has an end, and never touches it. */
  static void hangWith(PipeEnd<String> end) throws InterruptedException {
    Thread.currentThread().join();
  }

  static void returnWith(PipeEnd<String> end) {}

  /** Sends for ever, so that it is killed in the middle of it. */
  static void sendForEver(PipeEnd<String> end, String message) throws InterruptedException {
    while (true) {
      end.send(message);
    }
  }

  /** Tells over a second pipe that it has begun, waits for a message of the first, and tells it. */
  static void receiveOne(PipeEnd<String> end, PipeEnd<String> told) throws InterruptedException {
    told.send("begun");
    told.send(end.receive());
  }

  /** Tells over a second pipe what it receives of the first, and the end. */
  static void report(PipeEnd<String> end, PipeEnd<String> told) throws InterruptedException {
    told.send("begun");
    told.send(String.join(", ", drain(end)) + ", end");
  }

  /** Gives an end away over another pipe and keeps nothing. */
  static void giveAway(PipeEnd<String> end, PipeEnd<PipeEnd<String>> to)
      throws InterruptedException {
    to.send(end);
  }
}
