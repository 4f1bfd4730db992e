package dev.forkyard.e2e;

import dev.forkyard.client.JoinableQueue;
import dev.forkyard.client.Lease;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.RemoteQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/** Functions that the tests of queues run in other processes. */
final class QueueTasks {
  private QueueTasks() {}

  static String getOne(RemoteQueue<String> queue) throws InterruptedException {
    return queue.get();
  }

  /** Gets until the end; tells what it got. */
  static List<Integer> drain(RemoteQueue<Integer> queue) throws InterruptedException {
    List<Integer> got = new ArrayList<>();
    try {
      while (true) {
        got.add(queue.get());
      }
    } catch (QueueEndedException e) {
      return got;
    }
  }

  /** Work that crosses. */
  record Job(String name) {
    static final Queue<String> DONE = new ConcurrentLinkedQueue<>();

    void run() {
      DONE.add(name);
    }
  }

  /** Puts the numbers from a first one on, one by one. */
  static void produce(RemoteQueue<Integer> queue, int first, int count)
      throws InterruptedException {
    for (int i = 0; i < count; i++) {
      queue.put(first + i);
    }
  }

  /** Puts numbers with a sender, which it closes. */
  static void produceFast(RemoteQueue<Integer> queue, int count) throws InterruptedException {
    try (var sender = queue.sender()) {
      for (int i = 0; i < count; i++) {
        sender.put(i);
      }
    }
  }

  /** Puts numbers for ever, half of them with a sender; tells each that is acknowledged. */
  static void produceForEver(RemoteQueue<Integer> queue, int first, PipeEnd<Integer> told)
      throws InterruptedException {
    try (var sender = queue.sender()) {
      for (int next = first; ; ) {
        queue.put(next++);
        told.send(next - 1);
        for (int i = 0; i < 50; i++) {
          sender.put(next++);
        }
        sender.flush();
        told.send(next - 1);
      }
    }
  }

  /** Gets many one after the other, so that the daemon sends some ahead, and hangs. */
  static void getSomeAndHang(RemoteQueue<Integer> queue, int count, PipeEnd<Integer> told)
      throws InterruptedException {
    for (int i = 0; i < count; i++) {
      told.send(queue.get());
    }
    told.receive();
  }

  /** Leases an item, and ends without a word. */
  static void leaseAndHalt(RemoteQueue<String> queue, int code) throws InterruptedException {
    Lease<String> unused = queue.lease();
    Runtime.getRuntime().halt(code);
  }

  /** Does every item, until the end; tells which. */
  static List<String> doAll(JoinableQueue<String> queue) throws InterruptedException {
    List<String> done = new ArrayList<>();
    try {
      while (true) {
        done.add(queue.get());
        queue.taskDone();
      }
    } catch (QueueEndedException e) {
      return done;
    }
  }

  static void getTaskAndHang(JoinableQueue<String> queue, PipeEnd<String> told)
      throws InterruptedException {
    told.send(queue.get());
    told.receive();
  }

  /** Gets a task and returns without doing it. */
  static String getTaskAndReturn(JoinableQueue<String> queue) throws InterruptedException {
    return queue.get();
  }

  /** Handles items until the end; fails on odd ones, and dies of negative ones. */
  static int handleEven(RemoteQueue<Integer> queue) throws InterruptedException {
    int[] sum = new int[1];
    queue.forEach(
        number -> {
          if (number < 0) {
            Runtime.getRuntime().halt(3);
          }
          if (number % 2 != 0) {
            throw new IllegalArgumentException("odd: " + number);
          }
          sum[0] += number;
        },
        (lease, failure) -> {});
    return sum[0];
  }

  static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
