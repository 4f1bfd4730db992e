package dev.forkyard.server.contract;

import static dev.forkyard.server.contract.PipeDriver.End.LEFT;
import static dev.forkyard.server.contract.PipeDriver.End.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.contract.PipeDriver.Polled;
import dev.forkyard.server.contract.PipeDriver.Received;
import dev.forkyard.server.testing.TestDaemon;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What those are told who want to know whether a receive would wait, whatever carries the calls.
 */
abstract class PipePollContract extends PipeSetUp {
  static final Polled MESSAGE = new Polled(true, false, false);
  static final Polled END = new Polled(true, true, false);
  static final Polled NOTHING_YET = new Polled(false, false, true);

  private void send(String... values) {
    pipes.send(pipe, LEFT, ann, NOT_AT_ALL, List.of(values)).get();
  }

  private List<String> receive(int most) {
    return pipes.receive(pipe, RIGHT, bob, most, NOT_AT_ALL).get().values();
  }

  private Polled look() {
    return pipes.poll(pipe, RIGHT, bob, NOT_AT_ALL).get();
  }

  /** Polls for as long as it takes. */
  private Call<Polled> poll(int others) {
    Call<Polled> poll = pipes.poll(pipe, RIGHT, bob, FOR_EVER);
    awaitWaiting(others + 1);
    return poll;
  }

  private void awaitWaiting(int calls) {
    await()
        .atMost(TestDaemon.PATIENCE)
        .untilAsserted(() -> assertThat(pipes.waiting()).isEqualTo(calls));
  }

  @Test
  void nothingIsReadableBeforeAMessageCame() {
    assertThat(look()).isEqualTo(NOTHING_YET);
    assertThat(pipes.poll(pipe, RIGHT, bob, Duration.ofMillis(1)).get()).isEqualTo(NOTHING_YET);
  }

  @Test
  void pollTakesNothing() {
    send("1", "2");
    assertThat(look()).isEqualTo(MESSAGE);
    assertThat(look()).isEqualTo(MESSAGE);
    assertThat(pipes.state(pipe, RIGHT).unread()).isEqualTo(2);
    assertThat(receive(10)).containsExactly("1", "2");
    assertThat(look()).isEqualTo(NOTHING_YET);
  }

  @Test
  void messageThatIsEmptyIsReadableAndNoEnd() {
    send("");
    assertThat(look()).isEqualTo(MESSAGE);
  }

  @Test
  void endIsReadableAsOftenAsItIsAskedForAndAfterTheMessages() {
    send("1");
    pipes.endSession(ann);
    assertThat(look()).isEqualTo(MESSAGE);
    assertThat(receive(1)).containsExactly("1");
    assertThat(look()).isEqualTo(END);
    assertThat(pipes.poll(pipe, RIGHT, bob, FOR_EVER).get()).isEqualTo(END);
  }

  @Test
  void whoPollsIsToldWhenAMessageComes() {
    Call<Polled> poll = poll(0);
    assertThat(poll.isOver()).isFalse();
    send("1");
    assertThat(poll.get()).isEqualTo(MESSAGE);
    assertThat(receive(1)).containsExactly("1");
  }

  @Test
  void whoPollsIsToldWhenTheEndComes() {
    send("1");
    assertThat(receive(1)).containsExactly("1");
    Call<Polled> poll = poll(0);
    pipes.endSession(ann);
    assertThat(poll.get()).isEqualTo(END);
  }

  @Test
  void whoPollsIsRefusedWhenItsOwnSessionClosesTheEnd() {
    Call<Polled> poll = poll(0);
    pipes.close(pipe, RIGHT, bob);
    poll.assertRefused("PIPE_END_CLOSED");
    pipes.poll(pipe, RIGHT, bob, NOT_AT_ALL).assertRefused("PIPE_END_CLOSED");
  }

  @Test
  void whoPollsIsRefusedWhenThePipeIsDeleted() {
    Call<Polled> poll = poll(0);
    pipes.delete(pipe);
    poll.assertRefused("PIPE_NOT_FOUND");
    pipes.poll(pipe, RIGHT, bob, NOT_AT_ALL).assertRefused("PIPE_NOT_FOUND");
  }

  @Test
  void everybodyWhoPollsIsToldOfTheSameMessage() {
    String cleo = pipes.openSession();
    Call<Polled> one = poll(0);
    Call<Polled> two = poll(1);
    Call<Polled> three = pipes.poll(pipe, RIGHT, cleo, FOR_EVER);
    awaitWaiting(3);
    send("1");
    assertThat(one.get()).isEqualTo(MESSAGE);
    assertThat(two.get()).isEqualTo(MESSAGE);
    assertThat(three.get()).isEqualTo(MESSAGE);
    assertThat(receive(10)).containsExactly("1");
  }

  @Test
  void everybodyWhoPollsIsToldOfAMessageThatAWaitingReceiverGets() {
    Call<Polled> poll = poll(0);
    Call<Received> receiver = pipes.receive(pipe, RIGHT, bob, 1, FOR_EVER);
    awaitWaiting(2);
    send("1");
    assertThat(receiver.get().values()).containsExactly("1");
    assertThat(poll.get()).isEqualTo(MESSAGE);
    assertThat(look()).isEqualTo(NOTHING_YET);
  }

  @Test
  void everybodyWhoPollsIsToldTheEnd() {
    send("1");
    assertThat(receive(1)).containsExactly("1");
    Call<Polled> one = poll(0);
    Call<Polled> two = poll(1);
    pipes.close(pipe, LEFT, ann);
    assertThat(one.get()).isEqualTo(END);
    assertThat(two.get()).isEqualTo(END);
  }

  @Test
  void pollIsToldOfTheMessageThatWaitedForRoom() {
    pipe = pipes.create(10);
    send("123456789");
    Call<Void> waiting = pipes.send(pipe, LEFT, ann, FOR_EVER, List.of("next-message"));
    awaitWaiting(1);
    assertThat(receive(1)).containsExactly("123456789");
    waiting.get();
    assertThat(look()).isEqualTo(MESSAGE);
  }

  @Test
  void cancelledPollLeavesNothing() {
    Call<Polled> poll = poll(0);
    poll.cancel();
    awaitWaiting(0);
    send("1");
    assertThat(receive(1)).containsExactly("1");
  }

  @Test
  void whoPollsHoldsTheEnd() {
    assertThat(look()).isEqualTo(NOTHING_YET);
    assertThat(pipes.state(pipe, RIGHT).holders()).isEqualTo(1);
    send("1");
    pipes.endSession(bob);
    pipes.send(pipe, LEFT, ann, NOT_AT_ALL, List.of("2")).assertRefused("PIPE_BROKEN");
  }

  @Test
  void directionsArePolledApart() {
    send("1");
    assertThat(pipes.poll(pipe, LEFT, ann, NOT_AT_ALL).get()).isEqualTo(NOTHING_YET);
    assertThat(look()).isEqualTo(MESSAGE);
  }
}
