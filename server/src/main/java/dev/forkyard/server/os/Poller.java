package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.jna.Memory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One thread that waits for many descriptors. Handlers and tasks run on it, one at a time; what one
 * throws is reported and does not stop the thread.
 */
final class Poller implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Poller.class.getName());

  static final int IN = 0x1;
  static final int OUT = 0x4;

  /** Together with the others: after one event nothing is waited for, errors included. */
  static final int ONE_SHOT = 1 << 30;

  private static final int ADD = 1;
  private static final int REMOVE = 2;
  private static final int MODIFY = 3;
  private static final int BATCH = 128;
  // struct epoll_event is packed on x86-64 only.
  private static final int EVENT_BYTES = Platform.IS_ARM ? 16 : 12;
  private static final int DATA_OFFSET = Platform.IS_ARM ? 8 : 4;
  private static final long WAKE_UP = 0;

  private final int epoll;
  private final int wakeUp;
  private final Map<Long, Watch> watches = new ConcurrentHashMap<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicLong lastToken = new AtomicLong(WAKE_UP);
  private final Thread thread;
  private final Object lock = new Object();
  private volatile boolean closing;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * Starts the thread.
   *
   * @throws SpawnException when there are no descriptors left
   */
  Poller(String name) throws SpawnException {
    epoll = Sys.epollCreate();
    wakeUp = Sys.eventfd();
    int result = epoll < 0 ? epoll : wakeUp < 0 ? wakeUp : control(ADD, wakeUp, IN, WAKE_UP);
    if (result < 0) {
      closeDescriptors();
      throw SpawnException.resources(-result, "an epoll descriptor");
    }
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** A descriptor being watched. {@link #end} before its descriptor is closed. */
  final class Watch {
    private final int fd;
    private final long token;
    private final Runnable handler;

    private Watch(int fd, Runnable handler) {
      this.fd = fd;
      this.token = lastToken.incrementAndGet();
      this.handler = handler;
    }

    /** Changes what is waited for; 0 for nothing. */
    void waitFor(int events) {
      control(MODIFY, fd, events, token);
    }

    void end() {
      if (watches.remove(token) != null) {
        control(REMOVE, fd, 0, token);
      }
    }
  }

  /**
   * Watches a descriptor; null when the kernel has no room. Level-triggered: the handler runs until
   * nothing is left.
   */
  @Nullable Watch watch(int fd, int events, Runnable handler) {
    Watch watch = new Watch(fd, handler);
    watches.put(watch.token, watch);
    if (control(ADD, fd, events, watch.token) < 0) {
      watches.remove(watch.token);
      return null;
    }
    return watch;
  }

  /** Runs a task on the thread, after those given before. */
  void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  private void wake() {
    synchronized (lock) {
      if (!closed) {
        Sys.signalEvent(wakeUp);
      }
    }
  }

  private int control(int operation, int fd, int events, long token) {
    try (Memory event = new Memory(EVENT_BYTES)) {
      event.setInt(0, events);
      event.setLong(DATA_OFFSET, token);
      return Sys.epollControl(epoll, operation, fd, event);
    }
  }

  private void run() {
    try (Memory events = new Memory((long) BATCH * EVENT_BYTES)) {
      while (!closing) {
        int count = Sys.epollWait(epoll, events, BATCH);
        for (int i = 0; i < count; i++) {
          dispatch(events.getLong((long) i * EVENT_BYTES + DATA_OFFSET));
        }
      }
    }
    runTasks();
  }

  private void dispatch(long token) {
    if (token == WAKE_UP) {
      Sys.clearEvent(wakeUp);
      runTasks();
      return;
    }
    Watch watch = watches.get(token);
    if (watch != null) {
      guarded(watch.handler);
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      guarded(task);
    }
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (Throwable t) {
      LOG.log(Level.ERROR, thread.getName() + " goes on after a failure", t);
    }
  }

  /**
   * Runs the tasks given so far, ends the thread and waits for its end. Not to be called on the
   * thread itself.
   */
  @Override
  public void close() {
    closing = true;
    wake();
    joinUninterruptibly();
    synchronized (lock) {
      if (!closed) {
        closed = true;
        closeDescriptors();
      }
    }
  }

  private void joinUninterruptibly() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeDescriptors() {
    if (epoll >= 0) {
      Sys.close(epoll);
    }
    if (wakeUp >= 0) {
      Sys.close(wakeUp);
    }
  }
}
