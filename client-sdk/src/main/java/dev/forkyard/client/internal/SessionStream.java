package dev.forkyard.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.rpc.Code;
import dev.forkyard.v1.CancelCall;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReply;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The stream that carries a session's calls.
 *
 * <p>A call may be made by any thread; it is sent by the thread of the channel, which puts all that
 * is waiting into one message whenever the stream is ready. The futures of calls complete on that
 * thread too, so what depends on them must not wait. Every future completes: with the reply, or
 * with a {@link StatusRuntimeException} when the call is refused or the stream ends.
 *
 * <p>When its connection breaks, the stream goes on with another one and sends again what the
 * daemon has not received; so does the daemon, and nobody notices. The stream ends when that fails
 * for as long as the daemon waits.
 */
public final class SessionStream {
  private static final int MOST_UNANSWERED = 8_192;

  private final ScheduledExecutorService thread;
  private final SessionCarrier carrier;
  private final CompletableFuture<OpenReply> opened = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final UnreceivedCalls calls = new UnreceivedCalls();

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
   * @param transport the connection to the daemon
   */
  public SessionStream(Transport transport) {
    this.thread = transport.thread();
    this.carrier = new SessionCarrier(this, transport);
  }

  /**
   * Starts the stream and opens its session.
   *
   * @param sessionId the session to join; empty for a new one
   * @return which session it is, when the daemon has answered
   */
  public CompletableFuture<OpenReply> open(String sessionId) {
    soon(() -> carrier.begin(sessionId));
    return opened;
  }

  /**
   * Makes a call for somebody who does not wait for its answer, but does while too many are
   * unanswered.
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
        calls.add(call.setNumber(number).build());
        sending = true;
      }
    }
    if (refusal != null) {
      reply.completeExceptionally(refusal);
    } else if (wake) {
      soon(carrier::sendWhileReady);
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
      over(connectionLost("the connection is closed"));
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
   * Sends what is left and then ends the stream, with its session if the stream opened it. While
   * the stream waits to go on, that waits too, and is given up with it.
   *
   * @return completes when the daemon has ended the stream too, or there is no stream any more
   */
  public CompletableFuture<@Nullable Void> close() {
    soon(
        () -> {
          end(
              Refusals.of(
                  Code.CANCELLED,
                  "CLIENT_CLOSED",
                  "this Forkyard is closed; connect again",
                  Map.of()));
          carrier.close();
        });
    return end;
  }

  /** {@return whether there is no stream any more, and no call will be answered} */
  public boolean isOver() {
    return end.isDone();
  }

  /** The daemon has answered the call to open; told again for each connection. */
  void opened(OpenReply reply) {
    synchronized (lock) {
      calls.received(reply.getCallsReceived());
      calls.sendAgain();
    }
    opened.complete(reply);
  }

  /** Takes the calls of the next message; none when there are none to send, until one is made. */
  SessionCalls.Builder next() {
    synchronized (lock) {
      SessionCalls.Builder next = calls.next();
      sending = next.getCallsCount() > 0;
      return next;
    }
  }

  /** Completes the calls of replies, which have come in this order. */
  void received(List<SessionReply> replies) {
    List<CompletableFuture<SessionReply>> futures = new ArrayList<>(replies.size());
    synchronized (lock) {
      for (SessionReply reply : replies) {
        calls.received(reply.getNumber());
        CompletableFuture<SessionReply> future = unanswered.remove(reply.getNumber());
        futures.add(future == null ? new CompletableFuture<>() : future);
      }
      if (blockedCallers > 0) {
        lock.notifyAll();
      }
    }
    for (int i = 0; i < futures.size(); i++) {
      SessionReply reply = replies.get(i);
      if (reply.hasError()) {
        futures
            .get(i)
            .completeExceptionally(StatusProto.toStatusRuntimeException(reply.getError()));
      } else {
        futures.get(i).complete(reply);
      }
    }
  }

  /** There is no stream any more. */
  void over(StatusRuntimeException why) {
    end(why);
    synchronized (lock) {
      calls.clear();
    }
    opened.completeExceptionally(why);
    end.complete(null);
  }

  /** Ends what is not answered, and refuses what comes. */
  private void end(StatusRuntimeException why) {
    List<CompletableFuture<SessionReply>> futures;
    synchronized (lock) {
      if (ended == null) {
        ended = why;
      }
      futures = List.copyOf(unanswered.values());
      unanswered.clear();
      lock.notifyAll();
    }
    futures.forEach(future -> future.completeExceptionally(why));
  }

  /** Keeps the cause, for who wants to know why there is no connection. */
  static StatusRuntimeException connectionLost(Status status) {
    String description = status.getDescription();
    StatusRuntimeException lost =
        connectionLost(description == null ? status.getCode().name() : description);
    return lost.getStatus().withCause(status.getCause()).asRuntimeException(lost.getTrailers());
  }

  static StatusRuntimeException connectionLost(String detail) {
    return Refusals.of(
        Code.UNAVAILABLE,
        "CONNECTION_LOST",
        "the connection to the daemon is lost and its session with it ("
            + detail
            + "); connect again",
        Map.of("detail", detail));
  }
}
