package dev.forkyard.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.rpc.Code;
import dev.forkyard.v1.ChunkCancel;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream of chunks to a pool and of outcomes back.
 *
 * <p>Only so many chunks are under way that the daemon goes on reading, so that a cancel reaches it
 * whatever the workers do; the others wait here. Who sends waits while the workers can have all
 * they take ahead and as many calls more are unfinished as may wait in the pool, or while many wait
 * here. Every chunk completes: with all its outcomes, or with a {@link StatusRuntimeException} when
 * the stream ends before, or it is cancelled here.
 */
public final class TaskStream {
  private static final int READY_BYTES = 256 << 10;

  /** The daemon reads no further at 256. */
  private static final int MOST_UNDER_WAY = 255;

  /** So many chunks a worker is given at most. */
  private static final int CHUNKS_PER_WORKER = 16;

  private static final int MOST_WAITING = 10_000;
  private static final int MOST_WAITING_BYTES = 16 << 20;
  private static final int MOST_MESSAGE_BYTES = 1 << 20;

  private final Room room;
  private final ClientCall<RunTasksRequest, RunTasksResponse> stream;
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private final Object lock = new Object();

  /** Chunks without all their outcomes, under way and waiting. */
  @GuardedBy("lock")
  private final Map<Integer, Chunk> unfinished = new HashMap<>();

  /** What is to be sent, in its order. */
  @GuardedBy("lock")
  private final Map<Integer, TaskChunk> waiting = new LinkedHashMap<>();

  @GuardedBy("lock")
  private int waitingBytes;

  @GuardedBy("lock")
  private int unfinishedCalls;

  /** How many threads wait to send. */
  @GuardedBy("lock")
  private int senders;

  @GuardedBy("lock")
  private int lastNumber;

  /** No more chunks will come; the stream is half-closed when those that were sent are answered. */
  @GuardedBy("lock")
  private boolean finished;

  @GuardedBy("lock")
  private boolean halfClosed;

  @GuardedBy("lock")
  private @Nullable StatusRuntimeException ended;

  /** What a pool has room for. */
  public interface Room {
    /** {@return how many calls may wait for a worker} */
    int calls();

    /** {@return how many workers there are to be} */
    int workers();
  }

  /**
   * Starts a stream to a pool.
   *
   * @param channel the connection to the daemon
   * @param sessionId the session that is given what handles in results refer to
   * @param poolId the pool
   * @param room what the pool has room for; asked under the lock of the stream
   */
  public TaskStream(Channel channel, String sessionId, String poolId, Room room) {
    this.room = room;
    stream =
        channel.newCall(
            PoolServiceGrpc.getRunTasksMethod(),
            CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES));
    stream.start(new Outcomes(), new Metadata());
    stream.request(4);
    stream.sendMessage(
        RunTasksRequest.newBuilder().setPoolId(poolId).setSessionId(sessionId).build());
  }

  /**
   * Sends calls, waiting while there is no room for them.
   *
   * @param function the function to call
   * @param count how many calls there are
   * @param arguments the arguments of each
   * @return the calls, on their way
   * @throws StatusRuntimeException if the stream has ended or was finished
   * @throws InterruptedException if interrupted; nothing was sent then
   */
  public Chunk send(Function function, int count, Payload arguments) throws InterruptedException {
    Chunk sent = sendWithin(Long.MAX_VALUE, function, count, arguments);
    if (sent == null) {
      throw new AssertionError("after 292 years");
    }
    return sent;
  }

  /**
   * Sends calls, waiting while there is no room for them, but not longer than said.
   *
   * @param nanos how long to wait for room; zero or less does not wait
   * @param function the function to call
   * @param count how many calls there are
   * @param arguments the arguments of each
   * @return the calls, on their way; null if there was no room in time, and nothing was sent
   * @throws StatusRuntimeException if the stream has ended or was finished
   * @throws InterruptedException if interrupted; nothing was sent then
   */
  public @Nullable Chunk sendWithin(long nanos, Function function, int count, Payload arguments)
      throws InterruptedException {
    synchronized (lock) {
      boolean hasRoom = awaitRoom(nanos);
      if (finished) {
        throw poolClosed();
      }
      if (ended != null) {
        throw ended;
      }
      if (!hasRoom) {
        return null;
      }
      Chunk chunk = new Chunk(++lastNumber, count);
      unfinished.put(chunk.number(), chunk);
      unfinishedCalls += count;
      waiting.put(
          chunk.number(),
          TaskChunk.newBuilder()
              .setNumber(chunk.number())
              .setFunction(function)
              .setCount(count)
              .setArguments(arguments)
              .build());
      waitingBytes += arguments.getSerializedSize();
      sendWaiting();
      return chunk;
    }
  }

  /** Waits until there is room, or nothing can be sent any more; false if neither is so in time. */
  @GuardedBy("lock")
  private boolean awaitRoom(long nanos) throws InterruptedException {
    long start = System.nanoTime();
    senders++;
    try {
      while (ended == null && !finished && isFull()) {
        long left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
      return true;
    } finally {
      senders--;
    }
  }

  @GuardedBy("lock")
  private boolean isFull() {
    return waiting.size() >= MOST_WAITING
        || waitingBytes >= MOST_WAITING_BYTES
        || isMoreThanThePoolTakes();
  }

  /** True when every worker can have all that it takes, and what may wait is there too. */
  @GuardedBy("lock")
  private boolean isMoreThanThePoolTakes() {
    int ahead = room.workers() * CHUNKS_PER_WORKER;
    return unfinished.size() >= ahead && unfinishedCalls - ahead >= room.calls();
  }

  @GuardedBy("lock")
  private void wakeSenders() {
    if (senders > 0 && !isFull()) {
      lock.notifyAll();
    }
  }

  @GuardedBy("lock")
  private void finished(Chunk chunk) {
    unfinished.remove(chunk.number());
    unfinishedCalls -= chunk.count();
  }

  /** Sends as much as can be under way. */
  @GuardedBy("lock")
  private void sendWaiting() {
    while (canSend()) {
      RunTasksRequest.Builder request = RunTasksRequest.newBuilder();
      int bytes = 0;
      Iterator<TaskChunk> next = waiting.values().iterator();
      int room = MOST_UNDER_WAY - underWay();
      while (next.hasNext() && room-- > 0 && bytes < MOST_MESSAGE_BYTES) {
        TaskChunk chunk = next.next();
        int size = chunk.getArguments().getSerializedSize();
        if (bytes > 0 && bytes + size > MOST_MESSAGE_BYTES) {
          break;
        }
        bytes += size;
        request.addChunks(chunk);
        next.remove();
      }
      waitingBytes -= bytes;
      stream.sendMessage(request.build());
    }
    wakeSenders();
  }

  @GuardedBy("lock")
  private boolean canSend() {
    return ended == null && !waiting.isEmpty() && underWay() < MOST_UNDER_WAY && stream.isReady();
  }

  @GuardedBy("lock")
  private int underWay() {
    return unfinished.size() - waiting.size();
  }

  /**
   * Gives up the calls of chunks; each is answered nevertheless. Those that are done already, and a
   * stream that has ended, stay as they are.
   *
   * @param chunks the chunks
   * @param running whether calls that run are to be ended too
   */
  public void cancel(Collection<Chunk> chunks, boolean running) {
    List<Chunk> neverSent = new ArrayList<>();
    synchronized (lock) {
      RunTasksRequest.Builder request = RunTasksRequest.newBuilder();
      for (Chunk chunk : chunks) {
        TaskChunk unsent = waiting.remove(chunk.number());
        if (unsent != null) {
          waitingBytes -= unsent.getArguments().getSerializedSize();
          finished(chunk);
          neverSent.add(chunk);
        } else if (unfinished.containsKey(chunk.number())) {
          request.addCancels(
              ChunkCancel.newBuilder().setNumber(chunk.number()).setRunning(running));
        }
      }
      if (ended == null && request.getCancelsCount() > 0) {
        stream.sendMessage(request.build());
      }
      halfCloseIfDone();
      wakeSenders();
    }
    StatusRuntimeException why = ended("the caller has cancelled them");
    neverSent.forEach(chunk -> chunk.done().completeExceptionally(why));
  }

  /** Says that no more chunks will come. Those that were sent can still be cancelled. */
  public void finish() {
    synchronized (lock) {
      finished = true;
      halfCloseIfDone();
      lock.notifyAll();
    }
  }

  @GuardedBy("lock")
  private void halfCloseIfDone() {
    if (finished && !halfClosed && unfinished.isEmpty() && ended == null) {
      halfClosed = true;
      stream.halfClose();
    }
  }

  /** Ends the stream; calls that did not run are cancelled. Does nothing when it has ended. */
  public void cancel() {
    synchronized (lock) {
      if (ended == null) {
        ended = ended("the caller has given them up");
      }
      lock.notifyAll();
    }
    stream.cancel("the caller does not wait any more", null);
  }

  /**
   * {@return whether it has ended, so that nothing can be sent any more} Known before any chunk is
   * told of it.
   */
  public boolean hasEnded() {
    synchronized (lock) {
      return ended != null;
    }
  }

  /** {@return what completes when the stream has ended, however it ended} */
  public CompletableFuture<@Nullable Void> end() {
    return end.copy();
  }

  private void received(RunTasksResponse response) {
    List<Chunk> complete = new ArrayList<>();
    synchronized (lock) {
      for (TaskOutcome outcome : response.getOutcomesList()) {
        int number =
            outcome.hasFailure()
                ? outcome.getFailure().getNumber()
                : outcome.getResults().getNumber();
        Chunk chunk = unfinished.get(number);
        if (chunk != null && chunk.add(outcome)) {
          finished(chunk);
          complete.add(chunk);
        }
      }
      sendWaiting();
      halfCloseIfDone();
    }
    complete.forEach(chunk -> chunk.done().complete(chunk));
  }

  /** {@return the refusal of calls to a pool that takes no more} */
  public static StatusRuntimeException poolClosed() {
    return Refusals.of(
        Code.FAILED_PRECONDITION,
        "POOL_CLOSED",
        "the pool is shut down and takes no more calls; create another one",
        Map.of());
  }

  private static StatusRuntimeException ended(String detail) {
    return Refusals.of(
        Code.CANCELLED,
        "CALLS_CANCELLED",
        "the calls were cancelled before they had a result: " + detail,
        Map.of("detail", detail));
  }

  private final class Outcomes extends ClientCall.Listener<RunTasksResponse> {
    @Override
    public void onReady() {
      synchronized (lock) {
        sendWaiting();
      }
    }

    @Override
    public void onMessage(RunTasksResponse response) {
      stream.request(1);
      received(response);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      StatusRuntimeException why;
      List<Chunk> chunks;
      synchronized (lock) {
        if (ended == null) {
          ended = status.isOk() ? ended("the pool ended") : status.asRuntimeException(trailers);
        }
        why = ended;
        chunks = List.copyOf(unfinished.values());
        unfinished.clear();
        unfinishedCalls = 0;
        waiting.clear();
        waitingBytes = 0;
        lock.notifyAll();
      }
      chunks.forEach(chunk -> chunk.done().completeExceptionally(why));
      end.complete(null);
    }
  }
}
