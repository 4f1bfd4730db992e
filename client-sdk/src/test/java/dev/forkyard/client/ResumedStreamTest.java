package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.Code;
import dev.forkyard.client.internal.Refusals;
import dev.forkyard.client.internal.SessionStream;
import dev.forkyard.client.internal.SocketPath;
import dev.forkyard.client.internal.StatusDetails;
import dev.forkyard.client.internal.Transport;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PingCall;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.TakeItemsResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a session stream sends when its connection has broken, and when it gives up. */
@Timeout(60)
class ResumedStreamTest {
  private final FakeStreams streams = new FakeStreams();
  private FakeDaemon daemon;
  private Transport transport;
  private SessionStream stream;

  @BeforeEach
  void open() throws IOException {
    daemon = new FakeDaemon(streams);
    transport = new Transport(SocketPath.parse(daemon.address()));
    stream = new SessionStream(transport);
  }

  @AfterEach
  void close() throws Exception {
    transport.close();
    daemon.close();
  }

  private FakeStreams.Connection opened(String token) throws Exception {
    var open = stream.open("");
    FakeStreams.Connection connection = streams.next();
    assertThat(connection.open(token, 0).getResumable()).isTrue();
    open.get(60, TimeUnit.SECONDS);
    return connection;
  }

  private CompletableFuture<SessionReply> ping() {
    return stream.send(SessionCall.newBuilder().setPing(PingCall.getDefaultInstance())).reply();
  }

  private List<CompletableFuture<SessionReply>> pings(int count) {
    List<CompletableFuture<SessionReply>> replies = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      replies.add(ping());
    }
    return replies;
  }

  private static void assertLost(CompletableFuture<SessionReply> reply, String reason) {
    assertThatThrownBy(() -> reply.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            lost -> assertThat(StatusDetails.hasReason(lost, reason)).as("%s", lost).isTrue());
  }

  @Test
  void callsThatWereNotReceivedAreSentAgainAndRepliesThatCameAreNotAskedFor() throws Exception {
    FakeStreams.Connection first = opened("t1");
    var replies = pings(5);
    first.awaitCalls(1, 5);
    first.pong(1, 1);
    first.pong(3, 3);
    replies.get(2).get();
    first.breakOff();

    FakeStreams.Connection next = streams.next();
    assertThat(next.open("t2", 4))
        .isEqualTo(
            OpenCall.newBuilder().setResumeToken("t1").setRepliesReceived(2).setAttempt(1).build());
    assertThat(next.message()).isEqualTo(SessionCalls.newBuilder().setRepliesReceived(2).build());
    SessionCalls again = next.message();
    assertThat(again.getCallsList()).extracting(SessionCall::getNumber).containsExactly(5L);
    next.pong(2, 2);
    next.pong(4, 5);
    for (var reply : replies) {
      assertThat(reply.get().hasPing()).isTrue();
    }
  }

  @Test
  void callsKeepTheirNumbersAndTheirOrderOverAllConnections() throws Exception {
    FakeStreams.Connection connection = opened("t0");
    List<CompletableFuture<SessionReply>> replies = pings(3);
    for (int i = 1; i <= 5; i++) {
      connection.awaitCalls(1, replies.size());
      connection.breakOff();
      replies.addAll(pings(2));
      connection = streams.next();
      OpenCall again = connection.open("t" + i, 0);
      assertThat(again.getResumeToken()).isEqualTo("t" + (i - 1));
      assertThat(again.getAttempt()).isEqualTo(i);
    }
    connection.awaitCalls(1, replies.size());
    connection.pong(1, replies.size());
    for (var reply : replies) {
      assertThat(reply.get().hasPing()).isTrue();
    }
  }

  @Test
  void attemptThatBreaksIsRepeatedWithTheSameToken() throws Exception {
    FakeStreams.Connection first = opened("t1");
    var reply = ping();
    first.awaitCalls(1, 1);
    first.breakOff();
    for (int i = 0; i < 3; i++) {
      FakeStreams.Connection attempt = streams.next();
      assertThat(attempt.open().getResumeToken()).isEqualTo("t1");
      attempt.breakOff();
    }
    FakeStreams.Connection last = streams.next();
    last.open("t2", 1);
    last.pong(1, 1);
    assertThat(reply.get().hasPing()).isTrue();
  }

  @Test
  void everyMessageSaysHowManyRepliesCame() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    for (int i = 0; i < 3; i++) {
      var reply = ping();
      assertThat(connection.message().getRepliesReceived()).isEqualTo(i);
      connection.pong(i + 1, i + 1);
      reply.get();
    }
  }

  @Test
  void manyRepliesAreConfirmedWithoutACall() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    pings(2_000);
    connection.awaitCalls(1, 2_000);
    connection.pong(1, 999);
    connection.pong(1_000, 1_999);
    assertThat(connection.message())
        .isEqualTo(SessionCalls.newBuilder().setRepliesReceived(1_999).build());
  }

  @Test
  void largeRepliesAreConfirmedWithoutACall() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    pings(2);
    connection.awaitCalls(1, 2);
    Payload large = Payload.newBuilder().setJson("x".repeat(1 << 20)).build();
    connection.reply(
        SessionReply.newBuilder()
            .setNumber(1)
            .setTakeItems(
                TakeItemsResponse.newBuilder()
                    .addItems(LeasedItem.newBuilder().setPayload(large))));
    assertThat(connection.message())
        .isEqualTo(SessionCalls.newBuilder().setRepliesReceived(1).build());
  }

  @Test
  void streamWithoutATokenEndsWithItsConnection() throws Exception {
    FakeStreams.Connection connection = opened("");
    var reply = ping();
    connection.awaitCalls(1, 1);
    connection.breakOff();
    assertLost(reply, "CONNECTION_LOST");
    assertLost(ping(), "CONNECTION_LOST");
    assertThat(streams.hasMore()).isFalse();
  }

  @Test
  void streamThatCannotGoOnEndsAsLost() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    var reply = ping();
    connection.awaitCalls(1, 1);
    connection.breakOff();
    streams
        .next()
        .end(Refusals.of(Code.FAILED_PRECONDITION, "NOT_RESUMABLE", "too late", Map.of()));
    assertLost(reply, "CONNECTION_LOST");
    assertThat(stream.close()).succeedsWithin(60, TimeUnit.SECONDS);
  }

  @Test
  void streamThatTheDaemonEndsWithAReasonDoesNotGoOn() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    var reply = ping();
    connection.awaitCalls(1, 1);
    connection.end(Refusals.of(Code.UNAVAILABLE, "DAEMON_STOPPING", "bye", Map.of()));
    assertLost(reply, "DAEMON_STOPPING");
    assertThat(streams.hasMore()).isFalse();
  }

  @Test
  void replyThatCannotBeReceivedIsNotAskedForAgain() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    var reply = ping();
    connection.awaitCalls(1, 1);
    connection.end(Status.RESOURCE_EXHAUSTED.asRuntimeException());
    assertLost(reply, "CONNECTION_LOST");
    assertThat(streams.hasMore()).isFalse();
  }

  @Test
  void daemonThatIsGoneIsNotWaitedForForEver() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    var reply = ping();
    connection.awaitCalls(1, 1);
    daemon.die();
    assertLost(reply, "CONNECTION_LOST");
  }

  @Test
  void closeWaitsForWhatIsLeftToBeSentOnTheNextConnection() throws Exception {
    FakeStreams.Connection connection = opened("t1");
    var reply = ping();
    connection.awaitCalls(1, 1);
    connection.breakOff();
    FakeStreams.Connection next = streams.next();
    var closed = stream.close();
    assertLost(reply, "CLIENT_CLOSED");
    assertLost(ping(), "CLIENT_CLOSED");
    assertThat(closed).isNotDone();
    next.open("t2", 0);
    next.awaitCalls(1, 1);
    assertThat(closed).succeedsWithin(60, TimeUnit.SECONDS);
  }
}
