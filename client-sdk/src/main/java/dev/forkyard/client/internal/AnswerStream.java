package dev.forkyard.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.rpc.Code;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call with one request and many answers, which are taken one by one. Only a few are fetched
 * ahead, so that a caller who does not take them fills no memory. Thread-safe.
 *
 * @param <R> type of the answers
 */
public final class AnswerStream<R> implements AutoCloseable {
  private static final int AHEAD = 4;

  private final ClientCall<?, R> call;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<R> answers = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean ended;

  @GuardedBy("lock")
  private @Nullable StatusRuntimeException failure;

  private AnswerStream(ClientCall<?, R> call) {
    this.call = call;
  }

  /**
   * Makes a call.
   *
   * @param channel the connection to the daemon
   * @param method the RPC
   * @param request the request
   * @param <Q> type of the request
   * @param <R> type of the answers
   * @return its answers
   */
  public static <Q, R> AnswerStream<R> open(
      Channel channel, MethodDescriptor<Q, R> method, Q request) {
    ClientCall<Q, R> call = channel.newCall(method, CallOptions.DEFAULT);
    AnswerStream<R> answers = new AnswerStream<>(call);
    call.start(answers.new Answers(), new Metadata());
    call.request(AHEAD);
    call.sendMessage(request);
    call.halfClose();
    return answers;
  }

  /**
   * Takes the next answer, waiting for one.
   *
   * @param timeout how long to wait; null waits for ever
   * @return the answer; null if none came in time, or after the last
   * @throws StatusRuntimeException if the call was refused or broken off, or after {@link #close}
   * @throws InterruptedException if interrupted; no answer was taken then
   */
  public @Nullable R next(@Nullable Duration timeout) throws InterruptedException {
    long nanos = timeout == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(timeout);
    long start = System.nanoTime();
    R answer;
    synchronized (lock) {
      while (answers.isEmpty() && !ended) {
        long left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          return null;
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
      answer = answers.poll();
      if (answer == null && failure != null) {
        throw failure;
      }
    }
    if (answer != null) {
      call.request(1);
    }
    return answer;
  }

  /** {@return whether all answers were taken and none will come} */
  public boolean isAtEnd() {
    synchronized (lock) {
      return ended && answers.isEmpty();
    }
  }

  /** Ends the call; who waits is refused with STREAM_CLOSED. Closing again does nothing. */
  @Override
  public void close() {
    end(
        Refusals.of(
            Code.CANCELLED, "STREAM_CLOSED", "this stream was closed; open another one", Map.of()));
    synchronized (lock) {
      answers.clear();
    }
    call.cancel("the caller reads no further", null);
  }

  private void end(@Nullable StatusRuntimeException why) {
    synchronized (lock) {
      if (!ended) {
        ended = true;
        failure = why;
      }
      lock.notifyAll();
    }
  }

  private final class Answers extends ClientCall.Listener<R> {
    @Override
    public void onMessage(R answer) {
      synchronized (lock) {
        if (!ended) {
          answers.add(answer);
        }
        lock.notifyAll();
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      end(status.isOk() ? null : status.asRuntimeException(trailers));
    }
  }
}
