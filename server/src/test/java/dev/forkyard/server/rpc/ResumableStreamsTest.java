package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.PingCall;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How long session streams wait to go on, without a transport and with a clock in the hand. */
class ResumableStreamsTest {
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final FakeScheduler time = new FakeScheduler();
  private final Sessions sessions = new Sessions(100);
  private final OpenCalls open = new OpenCalls();
  private final SessionStream.Context context = context(1);

  private SessionStream.Context context(int mostWaiting) {
    WaiterLimit waiters = new WaiterLimit(100);
    Handles handles = new Handles();
    HotOperations operations =
        new HotOperations(
            new QueueManager(1, handles, Clock.systemUTC(), time, waiters),
            new PipeManager(1, handles, time, waiters),
            time,
            waiters);
    return new SessionStream.Context(
        open, sessions, new SessionOperations(operations), new ResumableStreams(time, mostWaiting));
  }

  /** A connection of a client, with what it was answered. */
  private final class Client {
    private final FakeCall<SessionReplies> call = new FakeCall<>();
    private final SessionConnection connection = new SessionConnection(context, call).begin();

    private Client(OpenCall open) {
      send(SessionCall.newBuilder().setOpen(open).build());
    }

    private void send(SessionCall... calls) {
      connection.onNext(SessionCalls.newBuilder().addAllCalls(List.of(calls)).build());
    }

    private void ping(long... numbers) {
      for (long number : numbers) {
        send(
            SessionCall.newBuilder()
                .setNumber(number)
                .setPing(PingCall.getDefaultInstance())
                .build());
      }
    }

    private OpenReply opened() {
      return call.answers().get(0).getReplies(0).getOpen();
    }

    private Client goOn(long repliesReceived) {
      return new Client(
          OpenCall.newBuilder()
              .setResumeToken(opened().getResumeToken())
              .setRepliesReceived(repliesReceived)
              .build());
    }

    /** The numbers of the calls that were answered after it was opened. */
    private List<Long> answered() {
      return call.answers().stream()
          .skip(1)
          .flatMap(message -> message.getRepliesList().stream())
          .map(SessionReply::getNumber)
          .toList();
    }
  }

  private Client resumable() {
    return new Client(OpenCall.newBuilder().setResumable(true).build());
  }

  @Test
  void streamWaitsForTwoSecondsAndNoLonger() {
    Client client = resumable();
    client.call.cancel();
    time.pass(Duration.ofSeconds(2).minus(MOMENT));
    assertThat(sessions.size()).isEqualTo(1);
    Client next = client.goOn(0);
    assertThat(next.opened().getSessionId()).isEqualTo(client.opened().getSessionId());
    time.pass(Duration.ofHours(1));
    next.call.cancel();
    time.pass(Duration.ofSeconds(2));
    assertThat(sessions.size()).isZero();
    assertThat(next.goOn(0).call.refusal()).isEqualTo("NOT_RESUMABLE");
    assertThat(time.pending()).isZero();
  }

  @Test
  void brokenConnectionMakesItsSessionEndAsBroken() {
    Client client = resumable();
    Session session = sessions.get(client.opened().getSessionId());
    client.call.cancel();
    time.pass(ResumableStreams.GRACE);
    assertThat(session.ending()).isEqualTo(Ending.BROKEN);
  }

  @Test
  void streamWhoseMessageWasRefusedDoesNotWait() {
    Client client = resumable();
    client.connection.onError(new IllegalArgumentException("not cancelled by the client"));
    assertThat(sessions.size()).isZero();
    assertThat(time.pending()).isZero();
  }

  @Test
  void noMoreStreamsWaitThanMay() {
    Client first = resumable();
    Client second = resumable();
    first.call.cancel();
    second.call.cancel();
    assertThat(sessions.size()).isEqualTo(1);
    assertThat(second.goOn(0).call.refusal()).isEqualTo("NOT_RESUMABLE");
    Client again = first.goOn(0);
    assertThat(again.call.refusal()).isEmpty();
    Client third = resumable();
    third.call.cancel();
    assertThat(third.goOn(0).call.refusal()).isEmpty();
  }

  @Test
  void endOfAProcessDoesNotWaitForAStreamThatWaits() {
    Session session = sessions.openFor("p");
    Client joined =
        new Client(OpenCall.newBuilder().setSessionId(session.id()).setResumable(true).build());
    joined.call.cancel();
    CompletableFuture<Done> end =
        sessions.endAfterStreams(session, Ending.ofProcess("exit code 0"), time);
    assertThat(end).isDone();
    assertThat(session.ended()).isTrue();
    assertThat(joined.goOn(0).call.refusal()).isEqualTo("NOT_RESUMABLE");
    assertThat(time.pending()).isZero();
  }

  @Test
  void streamThatBreaksAfterTheEndOfItsProcessDoesNotWait() {
    Session session = sessions.openFor("p");
    Client joined =
        new Client(OpenCall.newBuilder().setSessionId(session.id()).setResumable(true).build());
    CompletableFuture<Done> end =
        sessions.endAfterStreams(session, Ending.ofProcess("exit code 0"), time);
    assertThat(end).isNotDone();
    joined.call.cancel();
    assertThat(end).isDone();
    assertThat(joined.goOn(0).call.refusal()).isEqualTo("NOT_RESUMABLE");
  }

  @Test
  void endOfTheDaemonEndsStreamsThatWaitAndRefusesThoseThatComeToIt() {
    Client waits = resumable();
    waits.call.cancel();
    Client lives = resumable();
    open.end();
    assertThat(sessions.size()).isZero();
    assertThat(lives.call.refusal()).isEqualTo("DAEMON_STOPPING");
    assertThat(waits.goOn(0).call.refusal()).isEqualTo("DAEMON_STOPPING");
    assertThat(time.pending()).isZero();
  }

  @Test
  void repliesThatLieInBetweenAreSentBeforeThoseThatWaited() {
    Client client = resumable();
    client.ping(1, 2);
    client.call.ready(false);
    client.ping(3, 4);
    assertThat(client.answered()).containsExactly(1L, 2L);
    client.call.cancel();
    Client next = client.goOn(1);
    next.ping(5);
    assertThat(next.answered()).containsExactly(2L, 3L, 4L, 5L);
    next.call.cancel();
    assertThat(next.goOn(3).answered()).containsExactly(4L, 5L);
  }

  @Test
  void whatAnOldConnectionStillBringsIsNotCarriedOut() {
    Client client = resumable();
    client.ping(1);
    Client next = client.goOn(0);
    client.ping(2);
    assertThat(client.call.refusal()).isEqualTo("NOT_RESUMABLE");
    client.call.cancel();
    client.connection.onCompleted();
    next.ping(2);
    assertThat(next.answered()).containsExactly(1L, 2L);
    assertThat(client.answered()).containsExactly(1L);
    assertThat(next.call.refusal()).isEmpty();
  }
}
