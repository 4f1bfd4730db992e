package dev.forkyard.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Knows which call runs, and sends what became of calls, several results at a time.
 *
 * <p>Results that are not yet sent lie in the {@link Journal}. They are sent when it is full, when
 * an assignment ends, before a failure, and after a millisecond: by the thread that runs the calls
 * at the end of a call, by a thread of this class while a call takes longer.
 */
final class Outbox {
  private static final long MAX_AGE_NANOS = 1_000_000;
  private static final int NONE = -1;

  private final Link link;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Journal journal;

  @GuardedBy("lock")
  private @Nullable Thread runner;

  @GuardedBy("lock")
  private int number;

  /** The running call, or {@link #NONE}. */
  @GuardedBy("lock")
  private int index = NONE;

  /** That of the running call, made when it is asked for. */
  @GuardedBy("lock")
  private @Nullable TaskContext context;

  @GuardedBy("lock")
  private long lastFlush = System.nanoTime();

  @GuardedBy("lock")
  private boolean flusherStarted;

  @GuardedBy("lock")
  private boolean flusherAwake;

  Outbox(Link link, Journal journal) {
    this.link = link;
    this.journal = journal;
  }

  /** Notes that a call begins, on this thread. */
  @SuppressWarnings("ThreadInterrupted")
  void running(int assignment, int call) {
    synchronized (lock) {
      Thread.interrupted(); // it was meant for a call before
      runner = Thread.currentThread();
      number = assignment;
      index = call;
      context = null;
      journal.running(assignment, call);
    }
  }

  /**
   * Asks the running call to end, if it is meant. Nobody writes meanwhile, so that no connection is
   * closed by the interrupt.
   */
  void interrupt(Order.Cancel cancel) {
    synchronized (lock) {
      if (runner != null && index != NONE && cancel.means(number, index)) {
        context().cancel();
        runner.interrupt();
      }
    }
  }

  /** The context of the running call. */
  TaskContext context() {
    synchronized (lock) {
      if (context == null) {
        context = new TaskContext();
      }
      return context;
    }
  }

  /** True when the running call was asked to end. */
  boolean isCancelled() {
    synchronized (lock) {
      return context != null && context.isCancelled();
    }
  }

  /**
   * Takes the result of the running call.
   *
   * @param json a buffer that begins with the result's JSON text
   * @param size length of the text
   * @param last true if nothing else of the assignment follows
   */
  void result(int assignment, int call, byte[] json, int size, boolean last) throws IOException {
    synchronized (lock) {
      if (!journal.add(assignment, call, json, size)) {
        flush();
        if (!journal.add(assignment, call, json, size)) {
          sendAlone(assignment, call, json, size, new ProtoWriter());
        }
      }
      if (last || System.nanoTime() - lastFlush > MAX_AGE_NANOS) {
        flush();
      } else {
        wakeFlusher();
      }
      nothingRuns();
    }
  }

  /** Takes the result of the running call and sends it with the handles inside it. */
  void resultWithHandles(int assignment, int call, byte[] json, int size, ProtoWriter handles)
      throws IOException {
    synchronized (lock) {
      flush();
      sendAlone(assignment, call, json, size, handles);
      nothingRuns();
    }
  }

  /** Takes the failure of the running call. */
  void failure(int assignment, int call, FailureReport report) throws IOException {
    synchronized (lock) {
      flush();
      send(Frames.failure(assignment, call, report));
      nothingRuns();
    }
  }

  @GuardedBy("lock")
  private void nothingRuns() {
    index = NONE;
    journal.nothingRunning();
  }

  @GuardedBy("lock")
  private void sendAlone(int assignment, int call, byte[] json, int size, ProtoWriter handles)
      throws IOException {
    ByteBuffer array = ByteBuffer.allocate(size + 2);
    array.put((byte) '[').put(json, 0, size).put((byte) ']').flip();
    send(Frames.results(assignment, call, 1, array, handles));
  }

  @GuardedBy("lock")
  private void flush() throws IOException {
    if (!journal.isEmpty()) {
      send(journal.frame());
      journal.clear();
    }
    lastFlush = System.nanoTime();
  }

  @GuardedBy("lock")
  @SuppressWarnings("ThreadInterrupted")
  private void send(ProtoWriter frame) throws IOException {
    Thread.interrupted(); // left behind by a function, it would close the connection
    link.write(frame);
  }

  @GuardedBy("lock")
  private void wakeFlusher() {
    if (!flusherStarted) {
      flusherStarted = true;
      Thread flusher = new Thread(this::flushOldResults, "forkyard-flusher");
      flusher.setDaemon(true);
      flusher.start();
    }
    if (!flusherAwake) {
      flusherAwake = true;
      lock.notifyAll();
    }
  }

  private void flushOldResults() {
    try {
      synchronized (lock) {
        while (true) {
          while (!flusherAwake) {
            lock.wait();
          }
          lock.wait(1);
          if (System.nanoTime() - lastFlush > MAX_AGE_NANOS) {
            flusherAwake = !journal.isEmpty();
            flush();
          }
        }
      }
    } catch (IOException | InterruptedException e) {
      WorkerMain.linkBroken();
    } catch (Throwable e) { // out of memory, say: no result may wait for a thread that is gone
      WorkerMain.failed(e);
    }
  }
}
