package dev.forkyard.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends what became of calls, several results at a time.
 *
 * <p>Results that are not yet sent lie in the {@link Journal}. They are sent when it is full, when
 * an assignment ends, before a failure, and after a millisecond: by the thread that runs the calls
 * at the end of a call, by a thread of this class while a call takes longer.
 */
final class Outbox {
  private static final long MAX_AGE_NANOS = 1_000_000;

  private final Link link;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Journal journal;

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

  /** Notes that a call begins. */
  void running(int assignment, int index) {
    synchronized (lock) {
      journal.running(assignment, index);
    }
  }

  /**
   * Takes the result of the running call.
   *
   * @param json a buffer that begins with the result's JSON text
   * @param size length of the text
   * @param last true if nothing else of the assignment follows
   */
  void result(int assignment, int index, byte[] json, int size, boolean last) throws IOException {
    synchronized (lock) {
      if (!journal.add(assignment, index, json, size)) {
        flush();
        if (!journal.add(assignment, index, json, size)) {
          sendAlone(assignment, index, json, size, new ProtoWriter());
        }
      }
      if (last || System.nanoTime() - lastFlush > MAX_AGE_NANOS) {
        flush();
      } else {
        wakeFlusher();
      }
      journal.nothingRunning();
    }
  }

  /** Takes the result of the running call and sends it with the handles inside it. */
  void resultWithHandles(int assignment, int index, byte[] json, int size, ProtoWriter handles)
      throws IOException {
    synchronized (lock) {
      flush();
      sendAlone(assignment, index, json, size, handles);
      journal.nothingRunning();
    }
  }

  /** Takes the failure of the running call. */
  void failure(int assignment, int index, FailureReport report) throws IOException {
    synchronized (lock) {
      flush();
      send(Frames.failure(assignment, index, report));
      journal.nothingRunning();
    }
  }

  @GuardedBy("lock")
  private void sendAlone(int assignment, int index, byte[] json, int size, ProtoWriter handles)
      throws IOException {
    ByteBuffer array = ByteBuffer.allocate(size + 2);
    array.put((byte) '[').put(json, 0, size).put((byte) ']').flip();
    send(Frames.results(assignment, index, 1, array, handles));
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
    }
  }
}
