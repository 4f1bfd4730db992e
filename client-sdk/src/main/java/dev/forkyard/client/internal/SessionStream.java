package dev.forkyard.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.rpc.Code;
import dev.forkyard.v1.CancelCall;
import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.SessionServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The stream that carries a session's calls.
 *
 * <p>A call may be made by any thread; it is sent by the thread of the channel, which puts all that
 * is waiting into one message whenever the stream is ready. The futures of calls complete on that
 * thread too, so what depends on them must not wait. Every future completes: with the reply, or
 * with a {@link StatusRuntimeException} when the call is refused or the stream ends.
 */
public final class SessionStream {
  private static final int MOST_UNANSWERED = 8_192;
  private static final int MOST_CALLS_IN_MESSAGE = 1_024;
  private static final int MOST_BYTES_IN_MESSAGE = 1 << 20;
  private static final int READY_BYTES = 128 << 10;

  private final Executor thread;
  private final ClientCall<SessionCalls, SessionReplies> stream;
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<SessionCall> unsent = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Map<Long, CompletableFuture<SessionReply>> unanswered = new HashMap<>();

  @GuardedBy("lock")
  private long lastNumber;

  @GuardedBy("lock")
  private int blockedCallers;

  @GuardedBy("lock")
  private boolean sending;

  @GuardedBy("lock")
  private @Nullable StatusRuntimeException ended;

  /**
   * A call on its way.
   *
   * @param number its number
   * @param reply completes with the answer
   */
  public record Pending(long number, CompletableFuture<SessionReply> reply) {}

  /**
   * Prepares a stream.
   *
   * @param channel the connection to the daemon
   * @param thread the thread of that channel
   */
  public SessionStream(Channel channel, Executor thread) {
    this.thread = thread;
    this.stream =
        channel.newCall(
            SessionServiceGrpc.getConnectMethod(),
            CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES));
  }

  /**
   * Starts the stream and opens its session.
   *
   * @param sessionId the session to join; empty for a new one
   * @return which session it is, when the daemon has answered
   */
  public CompletableFuture<OpenReply> open(String sessionId) {
    thread.execute(
        () -> {
          stream.start(new Replies(), new Metadata());
          stream.request(2);
        });
    SessionCall.Builder open =
        SessionCall.newBuilder().setOpen(OpenCall.newBuilder().setSessionId(sessionId));
    return send(open).reply().thenApply(SessionReply::getOpen);
  }

  /**
   * Makes a call, waiting while too many are unanswered.
   *
   * @param call the operation; its number is set here
   * @return the call
   * @throws InterruptedException if interrupted while it waits; the call is not made then
   */
  public Pending call(SessionCall.Builder call) throws InterruptedException {
    synchronized (lock) {
      while (unanswered.size() >= MOST_UNANSWERED && ended == null) {
        blockedCallers++;
        try {
          lock.wait();
        } finally {
          blockedCallers--;
        }
      }
    }
    return send(call);
  }

  /**
   * Makes a call without ever waiting.
   *
   * @param call the operation; its number is set here
   * @return the call
   */
  public Pending send(SessionCall.Builder call) {
    CompletableFuture<SessionReply> reply = new CompletableFuture<>();
    long number;
    boolean wake;
    StatusRuntimeException refusal;
    synchronized (lock) {
      number = ++lastNumber;
      refusal = ended;
      wake = refusal == null && !sending;
      if (refusal == null) {
        unanswered.put(number, reply);
        unsent.add(call.setNumber(number).build());
        sending = true;
      }
    }
    if (refusal != null) {
      reply.completeExceptionally(refusal);
    } else if (wake) {
      soon(this::sendWhileReady);
    }
    return new Pending(number, reply);
  }

  /**
   * Has something done soon on the thread of the channel, before what is sent later. Does nothing
   * when the connection is closed.
   *
   * @param action what to do; it must not wait
   */
  public void soon(Runnable action) {
    try {
      thread.execute(action);
    } catch (RejectedExecutionException e) {
      end(connectionLost("the connection is closed"));
    }
  }

  /**
   * Asks the daemon to end the wait of a call; its future completes as always.
   *
   * @param call the call
   */
  public void cancel(Pending call) {
    if (!call.reply().isDone()) {
      send(SessionCall.newBuilder().setCancel(CancelCall.newBuilder().setNumber(call.number())));
    }
  }

  /**
   * Sends what is left and then ends the stream, with its session if the stream opened it.
   *
   * @return completes when the daemon has ended the stream too
   */
  public CompletableFuture<@Nullable Void> close() {
    thread.execute(
        () -> {
          for (SessionCalls calls = next(); calls != null; calls = next()) {
            stream.sendMessage(calls);
          }
          stream.halfClose();
          end(
              Refusals.of(
                  Code.CANCELLED,
                  "CLIENT_CLOSED",
                  "this Forkyard is closed; connect again",
                  Map.of()));
        });
    return end;
  }

  private void sendWhileReady() {
    while (stream.isReady()) {
      SessionCalls calls = next();
      if (calls == null) {
        return;
      }
      stream.sendMessage(calls);
    }
  }

  /** Takes what fits into one message; null, and {@code sending} is over, when there is nothing. */
  private @Nullable SessionCalls next() {
    SessionCalls.Builder calls = SessionCalls.newBuilder();
    int bytes = 0;
    synchronized (lock) {
      while (calls.getCallsCount() < MOST_CALLS_IN_MESSAGE && bytes < MOST_BYTES_IN_MESSAGE) {
        SessionCall call = unsent.peek();
        if (call == null) {
          break;
        }
        bytes += call.getSerializedSize();
        if (bytes > MOST_BYTES_IN_MESSAGE && calls.getCallsCount() > 0) {
          break;
        }
        calls.addCalls(unsent.remove());
      }
      sending = calls.getCallsCount() > 0;
    }
    return calls.getCallsCount() == 0 ? null : calls.build();
  }

  private void received(SessionReplies replies) {
    List<CompletableFuture<SessionReply>> futures = new ArrayList<>(replies.getRepliesCount());
    synchronized (lock) {
      for (SessionReply reply : replies.getRepliesList()) {
        CompletableFuture<SessionReply> future = unanswered.remove(reply.getNumber());
        futures.add(future == null ? new CompletableFuture<>() : future);
      }
      if (blockedCallers > 0) {
        lock.notifyAll();
      }
    }
    for (int i = 0; i < futures.size(); i++) {
      SessionReply reply = replies.getReplies(i);
      if (reply.hasError()) {
        futures
            .get(i)
            .completeExceptionally(StatusProto.toStatusRuntimeException(reply.getError()));
      } else {
        futures.get(i).complete(reply);
      }
    }
  }

  private void end(StatusRuntimeException why) {
    List<CompletableFuture<SessionReply>> futures;
    synchronized (lock) {
      if (ended == null) {
        ended = why;
      }
      futures = List.copyOf(unanswered.values());
      unanswered.clear();
      unsent.clear();
      lock.notifyAll();
    }
    futures.forEach(future -> future.completeExceptionally(why));
  }

  /** Keeps the cause, for who wants to know why there is no connection. */
  private static StatusRuntimeException connectionLost(Status status) {
    String description = status.getDescription();
    StatusRuntimeException lost =
        connectionLost(description == null ? status.getCode().name() : description);
    return lost.getStatus().withCause(status.getCause()).asRuntimeException(lost.getTrailers());
  }

  private static StatusRuntimeException connectionLost(String detail) {
    return Refusals.of(
        Code.UNAVAILABLE,
        "CONNECTION_LOST",
        "the connection to the daemon is lost and its session with it ("
            + detail
            + "); connect again",
        Map.of("detail", detail));
  }

  private final class Replies extends ClientCall.Listener<SessionReplies> {
    @Override
    public void onReady() {
      soon(SessionStream.this::sendWhileReady);
    }

    @Override
    public void onMessage(SessionReplies replies) {
      stream.request(1);
      received(replies);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      boolean told = trailers.containsKey(StatusDetails.KEY);
      end(told ? status.asRuntimeException(trailers) : connectionLost(status));
      end.complete(null);
    }
  }
}
