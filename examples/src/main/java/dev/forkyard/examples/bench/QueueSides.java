package dev.forkyard.examples.bench;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.QueueSender;
import dev.forkyard.client.RemoteProcedure2;
import dev.forkyard.client.RemoteQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Our sides of the cases of queues, each made like the function of peer.py of its case. */
final class QueueSides {
  private static final int BATCH = 100;
  private static final int LARGE = 10 << 10;
  private static final int MANY = 4;

  private QueueSides() {}

  /** What a producer does with so many items. */
  private interface Producer {
    void put(RemoteQueue<byte[]> queue, int count) throws Exception;
  }

  /** Puts by a pipelined sender, takes in another process. */
  static Side sender(Forkyard yard, int operations) {
    return oneToOne(yard, operations, (queue, count) -> sendAll(queue, Items.SMALL, count));
  }

  /** The same with large items. */
  static Side largeItems(Forkyard yard, int operations) {
    byte[] large = Items.ofBytes(LARGE);
    return oneToOne(yard, operations, (queue, count) -> sendAll(queue, large, count));
  }

  /** Puts batches and waits for the daemon to have each, takes in another process. */
  static Side batches(Forkyard yard, int operations) {
    List<byte[]> batch = Collections.nCopies(BATCH, Items.SMALL);
    return oneToOne(
        yard,
        operations,
        (queue, count) -> {
          for (int i = 0; i < count; i += BATCH) {
            queue.putAll(batch);
          }
        });
  }

  /** Puts and waits for the daemon to have each item, takes in another process. */
  static Side confirmed(Forkyard yard, int operations) {
    return oneToOne(
        yard,
        operations,
        (queue, count) -> {
          for (int i = 0; i < count; i++) {
            queue.put(Items.SMALL);
          }
        });
  }

  /** Four processes put by senders, four take. */
  static Side manyToMany(Forkyard yard, int operations) {
    RemoteQueue<byte[]> queue = yard.queues().create(byte[].class);
    List<Helper> helpers = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      helpers.add(Helper.start(yard, queue, QueueSides::drain));
      helpers.add(Helper.start(yard, queue, QueueSides::fill));
    }
    return Side.of(
        () -> {
          for (Helper helper : helpers) {
            helper.control.left().send(operations / MANY);
          }
          for (Helper helper : helpers) {
            Side.check(helper.control.left().receive(), operations / MANY);
          }
        },
        () -> helpers.forEach(Helper::end));
  }

  /** Puts an item and waits until another process has put it into another queue. */
  static Side pingPong(Forkyard yard, int operations) {
    RemoteQueue<byte[]> there = yard.queues().create(byte[].class);
    RemoteQueue<byte[]> back = yard.queues().create(byte[].class);
    ManagedProcess echo = yard.processes().start(QueueSides::echo, there, back);
    return Side.ofMedian(
        operations,
        number -> {
          there.put(Items.SMALL);
          Side.check(back.get().length, Items.SMALL.length);
        },
        echo::kill);
  }

  /** Puts items and takes them again, in one process. */
  static Side cycle(Forkyard yard, int operations) {
    RemoteQueue<byte[]> queue = yard.queues().create(byte[].class);
    return Side.of(
        () -> {
          for (int done = 0; done < operations; done += BATCH) {
            sendAll(queue, Items.SMALL, BATCH);
            take(queue, BATCH);
          }
        },
        queue::delete);
  }

  private static Side oneToOne(Forkyard yard, int operations, Producer producer) {
    RemoteQueue<byte[]> queue = yard.queues().create(byte[].class);
    Helper consumer = Helper.start(yard, queue, QueueSides::drain);
    return Side.of(
        () -> {
          consumer.control.left().send(operations);
          producer.put(queue, operations);
          Side.check(consumer.control.left().receive(), operations);
        },
        consumer::end);
  }

  private static void sendAll(RemoteQueue<byte[]> queue, byte[] item, int count)
      throws InterruptedException {
    try (QueueSender<byte[]> sender = queue.sender()) {
      for (int i = 0; i < count; i++) {
        sender.put(item);
      }
    }
  }

  private static void take(RemoteQueue<byte[]> queue, int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      byte[] unused = queue.get();
    }
  }

  /** What a consumer's process runs. */
  static void drain(RemoteQueue<byte[]> queue, PipeEnd<Integer> control)
      throws InterruptedException {
    Helper.serve(control, count -> take(queue, count));
  }

  /** What a producer's process runs. */
  static void fill(RemoteQueue<byte[]> queue, PipeEnd<Integer> control)
      throws InterruptedException {
    Helper.serve(control, count -> sendAll(queue, Items.SMALL, count));
  }

  /** What the process of the other end runs, until it is killed. */
  static void echo(RemoteQueue<byte[]> there, RemoteQueue<byte[]> back)
      throws InterruptedException {
    while (true) {
      back.put(there.get());
    }
  }

  /** A process that does something as often as it is told to. */
  private record Helper(ManagedProcess process, Pipe<Integer> control) {
    /** What it does. */
    private interface Task {
      void run(int count) throws InterruptedException;
    }

    static Helper start(
        Forkyard yard,
        RemoteQueue<byte[]> queue,
        RemoteProcedure2<RemoteQueue<byte[]>, PipeEnd<Integer>> function) {
      Pipe<Integer> control = yard.pipes().create(Integer.class);
      return new Helper(yard.processes().start(function, queue, control.right()), control);
    }

    static void serve(PipeEnd<Integer> control, Task task) throws InterruptedException {
      try {
        while (true) {
          int count = control.receive();
          task.run(count);
          control.send(count);
        }
      } catch (PipeEndedException e) {
        // no more measurements
      }
    }

    void end() {
      control.left().close();
      try {
        process.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
