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
 * codes: 0 after a Drain, 70 when the connection broke, 71 when the runtime failed, 72 after a call
 * that ran out of memory (what others need may be lost with it), 64 when it was not started by a
 * daemon.
 */
public final class WorkerMain {
  private static final int NOT_STARTED_BY_DAEMON = 64;
  private static final int LINK_BROKEN = 70;
  private static final int RUNTIME_FAILED = 71;
  private static final int OUT_OF_MEMORY = 72;

  private final Link link;
  private final Outbox outbox;
  private final Orders orders;

  private WorkerMain(Link link, Outbox outbox, Orders orders) {
    this.link = link;
    this.outbox = outbox;
    this.orders = orders;
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
    Runtime.getRuntime().removeShutdownHook(Thread.currentThread()); // loads what halt() needs
    Journal journal = openJournal(System.getenv("FORKYARD_WORKER_JOURNAL"));
    Link link = Link.connect(Path.of(socket));
    link.write(Frames.hello(token));
    Outbox outbox = new Outbox(link, journal);
    Orders orders = new Orders();
    WorkerMain worker = new WorkerMain(link, outbox, orders);
    Runtime.getRuntime().addShutdownHook(worker.new Ending());
    boolean functionProcess = "process".equals(System.getenv("FORKYARD_WORKER_MODE"));
    new Runner(outbox, orders, functionProcess).start();
    worker.readOrders();
  }

  /** Ends the process at once: without the daemon nobody wants what it does. */
  static void linkBroken() {
    Runtime.getRuntime().halt(LINK_BROKEN);
  }

  /** Ends the process at once: nobody knows which thread, also of the runtime, missed some. */
  static void outOfMemory() {
    Runtime.getRuntime().halt(OUT_OF_MEMORY);
  }

  /** Ends the process at once, with the reason on standard error if that can be written. */
  static void failed(Throwable reason) {
    try {
      reason.printStackTrace();
    } finally {
      Runtime.getRuntime().halt(RUNTIME_FAILED);
    }
  }

  private static Journal openJournal(@Nullable String file) throws IOException {
    return file == null ? Journal.inMemory() : Journal.in(Path.of(file));
  }

  private void readOrders() {
    try {
      while (true) {
        Order order = Order.read(link.read());
        if (order instanceof Order.Cancel cancel) {
          cancel(cancel);
        } else if (order != null) {
          orders.add(order);
        }
      }
    } catch (IOException | InterruptedException e) {
      if (!orders.areDone()) {
        linkBroken();
      }
    } catch (Throwable e) { // out of memory, say: no call may wait for orders that nobody reads
      failed(e);
    }
  }

  /** Marks what has not begun before it looks at what has: so no call is missed. */
  private void cancel(Order.Cancel cancel) {
    orders.cancel(cancel);
    if (cancel.running()) {
      outbox.interrupt(cancel);
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
}
