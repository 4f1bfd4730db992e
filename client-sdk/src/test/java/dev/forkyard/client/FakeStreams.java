package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.PingReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.SessionServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Session streams whose every answer a test gives by hand. */
final class FakeStreams extends SessionServiceGrpc.SessionServiceImplBase {
  private static final int PATIENCE_SECONDS = 60;

  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();

  @Override
  public StreamObserver<SessionCalls> connect(StreamObserver<SessionReplies> replies) {
    Connection connection = new Connection(replies);
    connections.add(connection);
    return connection;
  }

  /** The next connection, waited for. */
  Connection next() throws InterruptedException {
    return next(connections);
  }

  /** Whether there are connections that no test has asked for. */
  boolean hasMore() {
    return !connections.isEmpty();
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("what comes next").isNotNull();
    return next;
  }

  /** One connection of a client. */
  static final class Connection implements StreamObserver<SessionCalls> {
    private final StreamObserver<SessionReplies> replies;
    private final BlockingQueue<SessionCalls> messages = new LinkedBlockingQueue<>();

    private Connection(StreamObserver<SessionReplies> replies) {
      this.replies = replies;
    }

    @Override
    public void onNext(SessionCalls calls) {
      messages.add(calls);
    }

    @Override
    public void onError(Throwable broken) {}

    @Override
    public void onCompleted() {
      replies.onCompleted();
    }

    /** The next message, waited for. */
    SessionCalls message() throws InterruptedException {
      return next(messages);
    }

    /** The call that opens the stream, which comes first. */
    OpenCall open() throws InterruptedException {
      SessionCalls first = message();
      assertThat(first.getCallsList()).hasSize(1);
      return first.getCalls(0).getOpen();
    }

    /** Waits for that call, and answers it. */
    OpenCall open(String token, long callsReceived) throws InterruptedException {
      OpenCall open = open();
      OpenReply opened =
          OpenReply.newBuilder()
              .setSessionId("s1")
              .setResumeToken(token)
              .setCallsReceived(callsReceived)
              .build();
      reply(SessionReply.newBuilder().setOpen(opened));
      return open;
    }

    /** Waits for calls with these numbers, and no others. */
    void awaitCalls(long first, long last) throws InterruptedException {
      long next = first;
      while (next <= last) {
        for (SessionCall call : message().getCallsList()) {
          assertThat(call.getNumber()).isEqualTo(next++);
        }
      }
      assertThat(next - 1).isEqualTo(last);
    }

    /** Breaks the connection. */
    void breakOff() {
      end(Status.UNAVAILABLE.asRuntimeException());
    }

    /** Ends the connection with an error. */
    void end(StatusRuntimeException why) {
      replies.onError(why);
    }

    void reply(SessionReply.Builder reply) {
      replies.onNext(SessionReplies.newBuilder().addReplies(reply).build());
    }

    /** Answers pings, in one message. */
    void pong(long first, long last) {
      SessionReplies.Builder pongs = SessionReplies.newBuilder();
      for (long number = first; number <= last; number++) {
        pongs.addReplies(
            SessionReply.newBuilder().setNumber(number).setPing(PingReply.getDefaultInstance()));
      }
      replies.onNext(pongs.build());
    }
  }
}
