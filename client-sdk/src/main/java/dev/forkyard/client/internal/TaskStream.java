package dev.forkyard.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.rpc.Code;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A stream of chunks to a pool and of outcomes back.
 *
 * <p>The sender waits while the stream is not ready. Every chunk that was sent completes: with all
 * its outcomes, or with a {@link StatusRuntimeException} when the stream ends before.
 */
public final class TaskStream {
  private static final int READY_BYTES = 256 << 10;

  private final ClientCall<RunTasksRequest, RunTasksResponse> stream;
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<Integer, Chunk> unfinished = new HashMap<>();

  @GuardedBy("lock")
  private int lastNumber;

  @GuardedBy("lock")
  private boolean halfClosed;

  @GuardedBy("lock")
  private @Nullable StatusRuntimeException ended;

  /**
   * Starts a stream to a pool.
   *
   * @param channel the connection to the daemon
   * @param poolId the pool
   */
  public TaskStream(Channel channel, String poolId) {
    stream =
        channel.newCall(
            PoolServiceGrpc.getRunTasksMethod(),
            CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES));
    stream.start(new Outcomes(), new Metadata());
    stream.request(4);
    stream.sendMessage(RunTasksRequest.newBuilder().setPoolId(poolId).build());
  }

  /**
   * Sends calls, waiting until the pool takes more.
   *
   * @param function the function to call
   * @param count how many calls there are
   * @param arguments the arguments of each
   * @return the calls, on their way
   * @throws StatusRuntimeException if the stream has ended
   * @throws InterruptedException if interrupted; nothing was sent then
   */
  public Chunk send(Function function, int count, Payload arguments) throws InterruptedException {
    synchronized (lock) {
      while (ended == null && !halfClosed && !stream.isReady()) {
        lock.wait();
      }
      if (ended != null) {
        throw ended;
      }
      if (halfClosed) {
        throw poolClosed();
      }
      Chunk chunk = new Chunk(count);
      int number = ++lastNumber;
      unfinished.put(number, chunk);
      stream.sendMessage(
          RunTasksRequest.newBuilder()
              .addChunks(
                  TaskChunk.newBuilder()
                      .setNumber(number)
                      .setFunction(function)
                      .setCount(count)
                      .setArguments(arguments))
              .build());
      return chunk;
    }
  }

  /** Says that no more chunks will come. */
  public void halfClose() {
    synchronized (lock) {
      if (!halfClosed && ended == null) {
        stream.halfClose();
      }
      halfClosed = true;
      lock.notifyAll();
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
          unfinished.remove(number);
          complete.add(chunk);
        }
      }
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
        lock.notifyAll();
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
        lock.notifyAll();
      }
      chunks.forEach(chunk -> chunk.done().completeExceptionally(why));
      end.complete(null);
    }
  }
}
