package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import java.util.ArrayDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Chunks of a lazy map that were sent and not yet consumed. For one thread. */
interface SentCalls {
  /** Adds a chunk that was sent, or failed before. */
  void add(CompletableFuture<Chunk> chunk);

  /** {@return how many there are} */
  int size();

  /**
   * Takes the next one that is done.
   *
   * @param nanos how long to wait; zero or less does not wait
   * @return the chunk, which is done; null if there was none in time, and none was taken
   */
  @Nullable CompletableFuture<Chunk> take(long nanos) throws InterruptedException;

  /** {@return chunks that are taken in the order in which they were sent} */
  static SentCalls inOrder() {
    return new InOrder();
  }

  /** {@return chunks that are taken in the order in which they become done} */
  static SentCalls asDone() {
    return new AsDone();
  }

  /** Waits for the first one. */
  final class InOrder implements SentCalls {
    private final ArrayDeque<CompletableFuture<Chunk>> sent = new ArrayDeque<>();

    @Override
    public void add(CompletableFuture<Chunk> chunk) {
      sent.add(chunk);
    }

    @Override
    public int size() {
      return sent.size();
    }

    @Override
    public @Nullable CompletableFuture<Chunk> take(long nanos) throws InterruptedException {
      CompletableFuture<Chunk> first = sent.peek();
      if (first == null || (nanos <= 0 && !first.isDone())) {
        return null;
      }
      if (!first.isDone()) {
        try {
          Chunk unused = first.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          return null;
        } catch (ExecutionException e) {
          // its taker is told
        }
      }
      return sent.remove();
    }
  }

  /** Waits for any. */
  final class AsDone implements SentCalls {
    private final BlockingQueue<CompletableFuture<Chunk>> done = new LinkedBlockingQueue<>();
    private int size;

    @Override
    public void add(CompletableFuture<Chunk> chunk) {
      size++;
      var unused = chunk.whenComplete((ended, error) -> done.add(chunk));
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public @Nullable CompletableFuture<Chunk> take(long nanos) throws InterruptedException {
      CompletableFuture<Chunk> chunk =
          nanos <= 0 ? done.poll() : done.poll(nanos, TimeUnit.NANOSECONDS);
      if (chunk != null) {
        size--;
      }
      return chunk;
    }
  }
}
