package dev.forkyard.examples.bench;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolResults;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.ProcessSpec;
import dev.forkyard.client.QueueSender;
import dev.forkyard.client.RemoteQueue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

  /** One measurement of a pool. */
  private interface PoolWork {
    void run(ProcessPool pool) throws Exception;
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
    List<Integer> numbers = numbers(operations);
    return pool(yard, pool -> check(pool.map(OurSides::same, numbers).size(), operations));
  }

  /** Maps integers one by one. */
  static Side mapOneByOne(Forkyard yard, int operations) {
    List<Integer> numbers = numbers(operations);
    return pool(yard, pool -> check(pool.map(OurSides::same, numbers, 1).size(), operations));
  }

  /** Maps integers one by one and takes the results as they come. */
  static Side lazyMap(Forkyard yard, int operations) {
    List<Integer> numbers = numbers(operations);
    return pool(
        yard,
        pool -> {
          int count = 0;
          try (PoolResults<Integer> results = pool.imapUnordered(OurSides::same, numbers)) {
            for (int unused : results) {
              count++;
            }
          }
          check(count, operations);
        });
  }

  /** Makes single calls and then waits for all of them. */
  static Side applyAsync(Forkyard yard, int operations) {
    return pool(
        yard,
        pool -> {
          List<PoolFuture<Integer>> results = new ArrayList<>(operations);
          for (int i = 0; i < operations; i++) {
            results.add(pool.applyAsync(OurSides::same, i));
          }
          for (PoolFuture<Integer> result : results) {
            int unused = result.get();
          }
        });
  }

  /** Makes single calls one after the other; what is answered is as if each took the median. */
  static Side apply(Forkyard yard, int operations) {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(WORKERS));
    return new Side() {
      @Override
      public double measure() throws Exception {
        double[] seconds = new double[operations];
        for (int i = 0; i < operations; i++) {
          long start = System.nanoTime();
          pool.apply(OurSides::same, i);
          seconds[i] = (System.nanoTime() - start) / NANOS;
        }
        return operations * Result.median(seconds);
      }

      @Override
      public void close() {
        pool.close();
      }
    };
  }

  /** Starts processes of a function and waits for the end of each, one after the other. */
  static Side functions(Forkyard yard, int operations) {
    return side(
        () -> {
          for (int i = 0; i < operations; i++) {
            check(yard.processes().start(OurSides::same, i).result(), i);
          }
        },
        () -> {});
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

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static void check(int result, int expected) {
    if (result != expected) {
      throw new IllegalStateException("results are missing or wrong");
    }
  }

  private static Side pool(Forkyard yard, PoolWork work) {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(WORKERS));
    return side(() -> work.run(pool), pool::close);
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
