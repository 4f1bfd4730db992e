package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

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

  /** What parts that are not made yet count for. */
  private static final int UNMADE_BYTES = 256;

  private final BooleanSupplier ready;
  private final Consumer<List<T>> sending;
  private final ToIntFunction<T> size;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<Series<T>> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private long waitingBytes;

  /** What ends the stream once nothing waits any more. */
  @GuardedBy("lock")
  private @Nullable Runnable lastWord;

  @GuardedBy("lock")
  private boolean ended;

  /** Parts that belong together; a single one was made before. */
  private static final class Series<T> {
    private final IntFunction<T> parts;
    private final int count;
    private final int bytes;
    private int sent;

    private Series(IntFunction<T> parts, int count, int bytes) {
      this.parts = parts;
      this.count = count;
      this.bytes = bytes;
    }
  }

  /**
   * @param ready whether the client can take a message now
   * @param sending sends parts as one message; both are called under a lock, one at a time
   */
  Batcher(BooleanSupplier ready, Consumer<List<T>> sending, ToIntFunction<T> size) {
    this.ready = ready;
    this.sending = sending;
    this.size = size;
  }

  /** A batcher whose messages are made of parts. */
  static <T, M> Batcher<T> of(
      ServerCallStreamObserver<M> observer, Function<List<T>, M> message, ToIntFunction<T> size) {
    return new Batcher<>(observer::isReady, parts -> observer.onNext(message.apply(parts)), size);
  }

  /**
   * Sends a part, sooner or later.
   *
   * @return false when too much is waiting: the part was dropped and the stream should be ended
   */
  boolean send(T part) {
    return send(new Series<>(index -> part, 1, size.applyAsInt(part)));
  }

  /**
   * Sends parts, sooner or later. Each is made when the client can take it, so that however many
   * they are, they need no room.
   *
   * @param parts makes the part of an index; called under a lock, maybe twice for one index
   * @return false when too much is waiting: the parts were dropped and the stream should be ended
   */
  boolean sendEach(int count, IntFunction<T> parts) {
    return send(new Series<>(parts, count, UNMADE_BYTES));
  }

  private boolean send(Series<T> series) {
    synchronized (lock) {
      if (waitingBytes + series.bytes > MOST_WAITING_BYTES) {
        return false;
      }
      waiting.add(series);
      waitingBytes += series.bytes;
    }
    if (!Burst.postpone(this)) {
      flush();
    }
    return true;
  }

  /**
   * Puts parts before all that wait, whatever waits already: they were sent, and got lost.
   *
   * @param lost names them, null for none; called under the lock, so nothing is sent meanwhile
   * @return false for none
   */
  boolean sendAgain(Supplier<@Nullable List<T>> lost) {
    synchronized (lock) {
      List<T> parts = lost.get();
      if (parts == null) {
        return false;
      }
      for (int i = parts.size() - 1; i >= 0; i--) {
        T part = parts.get(i);
        waiting.addFirst(new Series<>(index -> part, 1, 0));
      }
      return true;
    }
  }

  /** How many parts, or series of them, wait. */
  int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  /** Sends what is waiting, as far as the client can take it. */
  void flush() {
    synchronized (lock) {
      while (!waiting.isEmpty() && !ended && ready.getAsBoolean()) {
        sending.accept(next());
      }
      if (waiting.isEmpty() && lastWord != null) {
        end(lastWord);
      }
    }
  }

  @GuardedBy("lock")
  private List<T> next() {
    List<T> parts = new ArrayList<>();
    long bytes = 0;
    for (Series<T> series = waiting.peek(); series != null; series = waiting.peek()) {
      T part = series.parts.apply(series.sent);
      int partBytes = size.applyAsInt(part);
      if (!parts.isEmpty() && bytes + partBytes > MESSAGE_BYTES) {
        break;
      }
      bytes += partBytes;
      parts.add(part);
      series.sent++;
      if (series.sent == series.count) {
        waiting.remove();
        waitingBytes -= series.bytes;
      }
    }
    return parts;
  }

  /** Ends the stream once the client has taken everything. */
  void endInOrder(Runnable completion) {
    synchronized (lock) {
      lastWord = completion;
    }
    flush();
  }

  /** Sends everything that is made, ready or not, and then ends the stream. */
  void end(Runnable completion) {
    synchronized (lock) {
      if (ended) {
        return;
      }
      waiting.removeIf(series -> series.count > 1);
      while (!waiting.isEmpty()) {
        sending.accept(next());
      }
      ended = true;
      completion.run();
    }
  }
}
