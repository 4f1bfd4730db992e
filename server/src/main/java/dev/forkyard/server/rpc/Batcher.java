package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The outgoing side of a stream: puts all that is waiting into one message whenever the client can
 * take one. Thread-safe.
 *
 * <p>A thread that produces several parts in a row does so in a {@link Burst}; they leave together.
 */
final class Batcher<T> {
  /** Parts of one message are no more than this together, unless one alone is. */
  private static final long MESSAGE_BYTES = 1 << 20;

  /** A client that lets more than this pile up does not read. */
  static final long MOST_WAITING_BYTES = 64L << 20;

  private final ServerCallStreamObserver<?> readiness;
  private final Function<List<T>, Runnable> sending;
  private final ToIntFunction<T> size;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<T> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private long waitingBytes;

  @GuardedBy("lock")
  private boolean ended;

  private Batcher(
      ServerCallStreamObserver<?> readiness,
      Function<List<T>, Runnable> sending,
      ToIntFunction<T> size) {
    this.readiness = readiness;
    this.sending = sending;
    this.size = size;
  }

  /** A batcher whose messages are made of parts. */
  static <T, M> Batcher<T> of(
      ServerCallStreamObserver<M> observer, Function<List<T>, M> message, ToIntFunction<T> size) {
    return new Batcher<>(observer, parts -> () -> observer.onNext(message.apply(parts)), size);
  }

  /**
   * Sends a part, sooner or later.
   *
   * @return false when too much is waiting: the part was dropped and the stream should be ended
   */
  boolean send(T part) {
    synchronized (lock) {
      int bytes = size.applyAsInt(part);
      if (waitingBytes + bytes > MOST_WAITING_BYTES) {
        return false;
      }
      waiting.add(part);
      waitingBytes += bytes;
    }
    if (!Burst.postpone(this)) {
      flush();
    }
    return true;
  }

  /** Sends what is waiting, as far as the client can take it. */
  void flush() {
    synchronized (lock) {
      while (!waiting.isEmpty() && !ended && readiness.isReady()) {
        sending.apply(next()).run();
      }
    }
  }

  @GuardedBy("lock")
  private List<T> next() {
    List<T> parts = new ArrayList<>();
    long bytes = 0;
    for (T part = waiting.peek(); part != null; part = waiting.peek()) {
      int partBytes = size.applyAsInt(part);
      if (!parts.isEmpty() && bytes + partBytes > MESSAGE_BYTES) {
        break;
      }
      bytes += partBytes;
      parts.add(waiting.remove());
    }
    waitingBytes -= bytes;
    return parts;
  }

  /** Sends everything, ready or not, and then ends the stream. */
  void end(Runnable completion) {
    synchronized (lock) {
      if (ended) {
        return;
      }
      while (!waiting.isEmpty()) {
        sending.apply(next()).run();
      }
      ended = true;
      completion.run();
    }
  }
}
