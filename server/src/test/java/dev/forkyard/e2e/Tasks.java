package dev.forkyard.e2e;

import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.RemoteQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Functions that the tests run in other processes. */
public final class Tasks {
  private Tasks() {}

  static String greet(String name) {
    System.out.println("greeting " + name);
    return "hello " + name;
  }

  static int square(int number) {
    return number * number;
  }

  static int add(int one, int other) {
    return one + other;
  }

  static long pid() {
    return ProcessHandle.current().pid();
  }

  static void refuse(String message) {
    if (!message.isEmpty()) {
      throw new IllegalStateException(message, new IllegalArgumentException("because"));
    }
  }

  static int squareUnlessNegative(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("negative: " + number);
    }
    return number * number;
  }

  static int halt(int code) {
    System.err.println("halting with " + code);
    System.err.flush();
    Runtime.getRuntime().halt(code);
    return code;
  }

  /** Dies the first time. */
  static int dieOnce(String marker) throws Exception {
    if (Files.exists(Path.of(marker))) {
      return 42;
    }
    Files.createFile(Path.of(marker));
    Runtime.getRuntime().halt(9);
    return 0;
  }

  static void sum(RemoteQueue<Integer> numbers, PipeEnd<Integer> answer) throws Exception {
    int sum = 0;
    try {
      while (true) {
        sum += numbers.get();
      }
    } catch (QueueEndedException e) {
      answer.send(sum);
    }
  }

  static void takeOneAndHang(RemoteQueue<String> queue, PipeEnd<String> told) throws Exception {
    told.send(queue.lease(Duration.ofMinutes(5)).orElseThrow().value());
    told.receive();
  }
}
