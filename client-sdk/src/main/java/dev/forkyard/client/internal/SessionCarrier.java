package dev.forkyard.client.internal;

import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReply;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries a session stream over one connection after the other. Not thread-safe: it is used by the
 * thread of the channel, where nothing else is said.
 *
 * <p>When a connection breaks, others are tried for as long as the daemon waits for one. One that
 * has reached the daemon is given the time that the daemon needs to answer.
 */
final class SessionCarrier {
  private static final int MANY_REPLIES = 1_000;
  private static final int MANY_BYTES = 1 << 20;
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long PAUSE_MILLIS = 20;

  private final SessionStream stream;
  private final Transport transport;
  private @Nullable SessionConnection connection;

  /** What lets the stream go on; empty when nothing does. */
  private String token = "";

  /** How many replies have come over all connections. */
  private long received;

  /** Of them, how many the daemon was not told of, and their bytes. */
  private int unconfirmed;

  private int unconfirmedBytes;

  /** How the connection broke; null while there is one, or none any more. */
  private @Nullable StatusRuntimeException broken;

  private long brokenSince;
  private int attempts;
  private boolean trying;
  private boolean closing;

  SessionCarrier(SessionStream stream, Transport transport) {
    this.stream = stream;
    this.transport = transport;
  }

  /** Begins the stream, with a new session if none is named. */
  void begin(String sessionId) {
    connect(OpenCall.newBuilder().setSessionId(sessionId).setResumable(true).build(), false);
  }

  private void connect(OpenCall open, boolean waits) {
    SessionConnection begun = new SessionConnection(this, transport.channel(), waits);
    connection = begun;
    begun.open(open);
  }

  /** The daemon has answered the call to open. */
  void opened(SessionConnection from, OpenReply reply) {
    if (from != connection) {
      return;
    }
    token = reply.getResumeToken();
    stream.opened(reply);
    if (broken != null) {
      broken = null;
      send(from, SessionCalls.newBuilder()); // else the daemon does not know that the token came
    }
    if (closing) {
      finish(from);
    } else {
      sendWhileReady();
    }
  }

  /** A connection can take more; called by any thread. */
  void ready() {
    stream.soon(this::sendWhileReady);
  }

  /** Sends what the connection can take. */
  void sendWhileReady() {
    SessionConnection open = openConnection();
    while (open != null && open.isReady()) {
      SessionCalls.Builder calls = stream.next();
      if (calls.getCallsCount() == 0) {
        return;
      }
      send(open, calls);
    }
  }

  private void send(SessionConnection open, SessionCalls.Builder calls) {
    unconfirmed = 0;
    unconfirmedBytes = 0;
    open.send(calls.setRepliesReceived(received).build());
  }

  private @Nullable SessionConnection openConnection() {
    return connection != null && connection.isOpen() ? connection : null;
  }

  /** Replies have come, in this order. */
  void received(SessionConnection from, List<SessionReply> replies, int bytes) {
    if (from != connection) {
      return;
    }
    received += replies.size();
    unconfirmed += replies.size();
    unconfirmedBytes += bytes;
    stream.received(replies);
    boolean many = unconfirmed >= MANY_REPLIES || unconfirmedBytes >= MANY_BYTES;
    if (many && !closing && !token.isEmpty()) {
      send(from, SessionCalls.newBuilder());
    }
  }

  /** Sends what is left, and ends the stream. */
  void close() {
    closing = true;
    SessionConnection open = openConnection();
    if (open != null) {
      finish(open);
    } else if (connection == null && broken == null) {
      stream.over(SessionStream.connectionLost("the stream has ended"));
    }
  }

  private void finish(SessionConnection open) {
    SessionCalls.Builder calls = stream.next();
    while (calls.getCallsCount() > 0) {
      send(open, calls);
      calls = stream.next();
    }
    open.halfClose();
  }

  /** A connection is over; the trailers say why, unless it broke. Called by any thread. */
  void closed(SessionConnection from, Status status, Metadata trailers) {
    stream.soon(() -> closedNow(from, status, trailers));
  }

  private void closedNow(SessionConnection from, Status status, Metadata trailers) {
    if (from != connection) {
      return;
    }
    connection = null;
    boolean told = trailers.containsKey(StatusDetails.KEY);
    if (broken != null) {
      if (told) {
        over(broken); // the daemon does not know the stream any more
      }
    } else if (told) {
      over(status.asRuntimeException(trailers));
    } else if (from.isOpen() && StatusDetails.isBreak(status) && !token.isEmpty()) {
      broken = SessionStream.connectionLost(status);
      brokenSince = System.nanoTime();
      tryAgainSoon();
    } else {
      over(SessionStream.connectionLost(status));
    }
  }

  private void tryAgainSoon() {
    if (trying) {
      return;
    }
    trying = true;
    try {
      var unused = transport.thread().schedule(this::tryAgain, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      over(SessionStream.connectionLost("the connection is closed"));
    }
  }

  private void tryAgain() {
    trying = false;
    SessionConnection begun = connection;
    if (broken == null) {
      return; // it goes on
    }
    boolean late = System.nanoTime() - brokenSince >= GRACE_NANOS;
    if (late && (begun == null || !begun.isReady())) {
      over(broken);
      return;
    }
    if (begun == null) {
      connect(
          OpenCall.newBuilder()
              .setResumeToken(token)
              .setRepliesReceived(received)
              .setAttempt(++attempts)
              .build(),
          true);
    }
    transport.channel().resetConnectBackoff();
    tryAgainSoon();
  }

  private void over(StatusRuntimeException why) {
    SessionConnection last = connection;
    connection = null;
    broken = null;
    if (last != null) {
      last.cancel();
    }
    stream.over(why);
  }
}
