package dev.forkyard.worker;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a worker process.
 *
 * <p>It is started by the daemon, which gives it a Unix socket in {@code FORKYARD_WORKER_SOCKET}, a
 * token in {@code FORKYARD_WORKER_TOKEN} and, unless results may be lost with the process, a file
 * in {@code FORKYARD_WORKER_JOURNAL}. With {@code FORKYARD_WORKER_MODE=process} it ends with exit
 * code 1 and the stack trace on standard error when a call fails. It prints nothing else. Exit
 * codes: 0 after a Drain, 70 when the connection broke, 71 when the runtime failed, 64 when it was
 * not started by a daemon.
 */
public final class WorkerMain {
  private static final int NOT_STARTED_BY_DAEMON = 64;
  private static final int LINK_BROKEN = 70;
  private static final int RUNTIME_FAILED = 71;

  private final Link link;
  private final Outbox outbox;
  private final Orders orders = new Orders();

  private WorkerMain(Link link, Journal journal) {
    this.link = link;
    this.outbox = new Outbox(link, journal);
  }

  /**
   * Runs the worker until the daemon lets it go.
   *
   * @param arguments none
   * @throws IOException if the daemon cannot be reached or the journal not be opened
   */
  public static void main(String[] arguments) throws IOException {
    String socket = System.getenv("FORKYARD_WORKER_SOCKET");
    String token = System.getenv("FORKYARD_WORKER_TOKEN");
    if (socket == null || token == null) {
      System.err.println("This program is started by the Forkyard daemon, not by hand.");
      System.exit(NOT_STARTED_BY_DAEMON);
      return;
    }
    Journal journal = openJournal(System.getenv("FORKYARD_WORKER_JOURNAL"));
    Link link = Link.connect(Path.of(socket));
    link.write(Frames.hello(token));
    WorkerMain worker = new WorkerMain(link, journal);
    Runtime.getRuntime().addShutdownHook(worker.new Ending());
    boolean functionProcess = "process".equals(System.getenv("FORKYARD_WORKER_MODE"));
    worker.new Runner(functionProcess).start();
    worker.readOrders();
  }

  /** Ends the process at once: without the daemon nobody wants what it does. */
  static void linkBroken() {
    Runtime.getRuntime().halt(LINK_BROKEN);
  }

  private static Journal openJournal(@Nullable String file) throws IOException {
    return file == null ? Journal.inMemory() : Journal.in(Path.of(file));
  }

  private void readOrders() {
    try {
      while (true) {
        Order order = Order.read(link.read());
        if (order != null) {
          orders.add(order);
        }
      }
    } catch (IOException | InterruptedException e) {
      if (!orders.areDone()) {
        linkBroken();
      }
    } catch (Throwable e) { // out of memory, say: no call may wait for orders that nobody reads
      Runtime.getRuntime().halt(RUNTIME_FAILED);
    }
  }

  /**
   * What happens when the process ends by itself: the reader lets go of the connection, because the
   * virtual machine waits 300 ms for threads that are in the kernel. What is still to be sent can
   * be.
   */
  private final class Ending extends Thread {
    @Override
    public void run() {
      orders.abandon();
      link.readNoMore();
    }
  }

  /** The thread that runs the calls. A class, because a lambda makes the start slower. */
  private final class Runner extends Thread {
    private final boolean functionProcess;

    Runner(boolean functionProcess) {
      super("forkyard-worker");
      this.functionProcess = functionProcess;
    }

    @Override
    public void run() {
      try {
        Calls calls = null;
        while (orders.take() instanceof Order.Assignment assignment) {
          if (calls == null) {
            calls = new Calls(outbox, orders, functionProcess);
          }
          calls.run(assignment);
        }
        System.exit(0);
      } catch (IOException e) {
        linkBroken();
      } catch (Throwable e) { // no call may wait for a worker that lost its thread
        e.printStackTrace();
        Runtime.getRuntime().halt(RUNTIME_FAILED);
      }
    }
  }
}
