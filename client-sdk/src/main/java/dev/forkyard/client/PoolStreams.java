package dev.forkyard.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.client.internal.TaskStream;
import dev.forkyard.v1.PoolInfo;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The streams that one pool object has running: one for single calls, one for each map. */
final class PoolStreams implements TaskStream.Room {
  private final Wire wire;
  private final String poolId;
  private final int maxQueued;
  private volatile int workers;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Set<TaskStream> running = new HashSet<>();

  /** Those among the running streams whose callers may always come with more calls. */
  @GuardedBy("lock")
  private final Set<TaskStream> openEnded = new HashSet<>();

  @GuardedBy("lock")
  private @Nullable TaskStream single;

  @GuardedBy("lock")
  private boolean shutdown;

  PoolStreams(Wire wire, PoolInfo pool) {
    this.wire = wire;
    this.poolId = pool.getPoolId();
    this.maxQueued = pool.getMaxQueuedCalls();
    this.workers = sizeOf(pool);
  }

  /** Takes note of the size that a pool has now. */
  void resized(PoolInfo pool) {
    workers = sizeOf(pool);
  }

  private static int sizeOf(PoolInfo pool) {
    return Math.max(1, Math.max(pool.getSize(), pool.getWorkersCount()));
  }

  @Override
  public int calls() {
    return maxQueued;
  }

  @Override
  public int workers() {
    return workers;
  }

  /** {@return the stream for single calls; another one when the last has ended} */
  TaskStream single() {
    synchronized (lock) {
      if (single == null || single.hasEnded()) {
        single = start(true);
      }
      return single;
    }
  }

  /**
   * Starts a stream.
   *
   * @param isOpenEnded whether a shutdown has to end it, because its caller may not
   */
  TaskStream open(boolean isOpenEnded) {
    synchronized (lock) {
      return start(isOpenEnded);
    }
  }

  /** Refuses further calls. */
  void shutdown() {
    List<TaskStream> streams;
    synchronized (lock) {
      shutdown = true;
      lock.notifyAll();
      streams = List.copyOf(openEnded);
    }
    streams.forEach(TaskStream::finish);
  }

  /**
   * {@return what completes when all calls are done}
   *
   * @throws ForkyardException with reason JOIN_BEFORE_CLOSE before the shutdown
   */
  CompletableFuture<?> end() {
    synchronized (lock) {
      if (!shutdown) {
        throw Errors.of(
            ForkyardException.Code.FAILED_PRECONDITION,
            "JOIN_BEFORE_CLOSE",
            "the pool still takes calls; shut it down before waiting for its end");
      }
      return CompletableFuture.allOf(
          running.stream().map(TaskStream::end).toArray(CompletableFuture<?>[]::new));
    }
  }

  /** {@return whether it refuses further calls} */
  boolean isShutdown() {
    synchronized (lock) {
      return shutdown;
    }
  }

  /** Waits for the shutdown; false if it does not come in time. */
  boolean awaitShutdown(Duration timeout) throws InterruptedException {
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    long start = System.nanoTime();
    synchronized (lock) {
      while (!shutdown) {
        long left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
      return true;
    }
  }

  /** Breaks all streams off. */
  void cancel() {
    List<TaskStream> streams;
    synchronized (lock) {
      streams = List.copyOf(running);
    }
    streams.forEach(TaskStream::cancel);
  }

  @GuardedBy("lock")
  private TaskStream start(boolean isOpenEnded) {
    if (shutdown) {
      throw Errors.translate(TaskStream.poolClosed());
    }
    TaskStream stream = new TaskStream(wire.transport().channel(), wire.sessionId(), poolId, this);
    running.add(stream);
    if (isOpenEnded) {
      openEnded.add(stream);
    }
    var unused = stream.end().thenRun(() -> ended(stream));
    return stream;
  }

  private void ended(TaskStream stream) {
    synchronized (lock) {
      running.remove(stream);
      openEnded.remove(stream);
    }
  }
}
