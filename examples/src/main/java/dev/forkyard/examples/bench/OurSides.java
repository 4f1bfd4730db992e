package dev.forkyard.examples.bench;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.ProcessSpec;
import dev.forkyard.client.QueueSender;
import dev.forkyard.client.RemoteQueue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/** Our sides of the cases, each made like the function of peer.py that it is compared with. */
final class OurSides {
  private static final int WORKERS = 2;
  private static final int ITEM_BYTES = 100;
  private static final double NANOS = 1e9;

  private OurSides() {}

  /** One measurement without the clock. */
  private interface Work {
    void run() throws Exception;
  }

  /** What a queue's producer does with all items. */
  private interface Producer {
    void put(RemoteQueue<byte[]> queue, byte[] item, int count) throws Exception;
  }

  /** Puts by a pipelined sender, takes in another process. */
  static Side sender(Forkyard yard, int operations) {
    return queue(
        yard,
        operations,
        (queue, item, count) -> {
          try (QueueSender<byte[]> sender = queue.sender()) {
            for (int i = 0; i < count; i++) {
              sender.put(item);
            }
          }
        });
  }

  /** Puts and waits for the daemon to have each item, takes in another process. */
  static Side confirmed(Forkyard yard, int operations) {
    return queue(
        yard,
        operations,
        (queue, item, count) -> {
          for (int i = 0; i < count; i++) {
            queue.put(item);
          }
        });
  }

  /** Maps integers in chunks of the default size. */
  static Side map(Forkyard yard, int operations) {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(WORKERS));
    List<Integer> numbers = IntStream.range(0, operations).boxed().toList();
    return side(
        () -> {
          List<Integer> results = pool.map(OurSides::same, numbers);
          if (results.size() != operations) {
            throw new IllegalStateException("results are missing");
          }
        },
        pool::close);
  }

  /** Starts a command and waits for its end, one after the other. */
  static Side start(Forkyard yard, int operations) {
    return side(
        () -> {
          for (int i = 0; i < operations; i++) {
            if (!yard.processes().start(ProcessSpec.of("/bin/true")).join().success()) {
              throw new IllegalStateException("/bin/true failed");
            }
          }
        },
        () -> {});
  }

  /** What the consumer's process runs. */
  static void drain(RemoteQueue<byte[]> queue, PipeEnd<Integer> control)
      throws InterruptedException {
    try {
      while (true) {
        int count = control.receive();
        for (int i = 0; i < count; i++) {
          byte[] unused = queue.get();
        }
        control.send(count);
      }
    } catch (PipeEndedException e) {
      // no more measurements
    }
  }

  /** What the pool's workers run. */
  static int same(int number) {
    return number;
  }

  private static Side queue(Forkyard yard, int operations, Producer producer) {
    RemoteQueue<byte[]> queue = yard.queues().create(byte[].class);
    Pipe<Integer> control = yard.pipes().create(Integer.class);
    ManagedProcess consumer = yard.processes().start(OurSides::drain, queue, control.right());
    byte[] item = "x".repeat(ITEM_BYTES).getBytes(StandardCharsets.US_ASCII);
    return side(
        () -> {
          control.left().send(operations);
          producer.put(queue, item, operations);
          control.left().receive();
        },
        () -> {
          control.left().close();
          try {
            consumer.join();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static Side side(Work work, Runnable end) {
    return new Side() {
      @Override
      public double measure() throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / NANOS;
      }

      @Override
      public void close() {
        end.run();
      }
    };
  }
}
