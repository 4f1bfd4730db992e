package dev.forkyard.server.contract;

import static dev.forkyard.server.contract.PipeDriver.End.LEFT;
import static dev.forkyard.server.contract.PipeDriver.End.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.contract.PipeDriver.End;
import dev.forkyard.server.contract.PipeDriver.Received;
import dev.forkyard.server.testing.TestDaemon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a pipe does, whatever carries the calls. */
abstract class PipeContract extends PipeSetUp {
  private Call<Void> send(End end, String session, String... values) {
    return pipes.send(pipe, end, session, FOR_EVER, List.of(values));
  }

  private Received receive(End end, String session) {
    return pipes.receive(pipe, end, session, 100, NOT_AT_ALL).get();
  }

  private void assertEnd(End end, String session) {
    Received received = receive(end, session);
    assertThat(received.end()).isTrue();
    assertThat(received.timedOut()).isFalse();
    assertThat(received.values()).isEmpty();
  }

  private void assertNothingYet(End end, String session) {
    Received received = receive(end, session);
    assertThat(received.timedOut()).isTrue();
    assertThat(received.end()).isFalse();
  }

  private void awaitWaiting(int calls) {
    await()
        .atMost(TestDaemon.PATIENCE)
        .untilAsserted(() -> assertThat(pipes.waiting()).isEqualTo(calls));
  }

  @Test
  void messagesArriveInOrderAtTheOtherEndWithTheirBoundaries() {
    send(LEFT, ann, "\"a\"", "\"\"", "\"b b\"").get();
    send(LEFT, ann, "\"c\"").get();
    send(RIGHT, bob, "1").get();
    assertThat(pipes.receive(pipe, RIGHT, bob, 2, NOT_AT_ALL).get().values())
        .containsExactly("\"a\"", "\"\"");
    assertThat(receive(RIGHT, bob).values()).containsExactly("\"b b\"", "\"c\"");
    assertThat(receive(LEFT, ann).values()).containsExactly("1");
  }

  @Test
  void receiversAreServedInTheOrderInWhichTheyCame() {
    List<Call<Received>> receivers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      receivers.add(pipes.receive(pipe, RIGHT, bob, 1, FOR_EVER));
      awaitWaiting(i + 1);
    }
    send(LEFT, ann, "0", "1").get();
    assertThat(receivers.get(0).get().values()).containsExactly("0");
    assertThat(receivers.get(1).get().values()).containsExactly("1");
    assertThat(receivers.get(2).isOver()).isFalse();
    receivers.get(2).cancel();
    awaitWaiting(0);
    send(LEFT, ann, "2").get();
    assertThat(receive(RIGHT, bob).values()).containsExactly("2");
  }

  @Test
  void fullPipeHoldsSendersUpInOrderAndOneIsAdmittedPerRoom() {
    pipe = pipes.create(1000);
    String big = "x".repeat(900);
    send(LEFT, ann, big).get();
    pipes.send(pipe, LEFT, ann, NOT_AT_ALL, List.of(big)).assertRefused("PIPE_FULL");
    pipes.send(pipe, LEFT, ann, Duration.ofMillis(1), List.of(big)).assertRefused("PIPE_FULL");
    Call<Void> second = send(LEFT, ann, big + "2");
    awaitWaiting(1);
    Call<Void> third = send(LEFT, ann, big + "3");
    awaitWaiting(2);
    assertThat(pipes.receive(pipe, RIGHT, bob, 1, NOT_AT_ALL).get().values()).containsExactly(big);
    second.get();
    awaitWaiting(1);
    assertThat(third.isOver()).isFalse();
    receive(RIGHT, bob);
    third.get();
    assertThat(receive(RIGHT, bob).values()).containsExactly(big + "3");
  }

  @Test
  void directionsDoNotHoldEachOtherUp() {
    pipe = pipes.create(1000);
    send(LEFT, ann, "x".repeat(900)).get();
    Call<Void> waiting = send(LEFT, ann, "y".repeat(900));
    awaitWaiting(1);
    send(RIGHT, bob, "z").get();
    assertThat(receive(LEFT, ann).values()).containsExactly("z");
    waiting.cancel();
  }

  @Test
  void oneMessageAlwaysFitsIntoAnEmptyPipeAndSeveralMustFitTogether() {
    pipe = pipes.create(1000);
    send(LEFT, ann, "x".repeat(5000)).get();
    send(LEFT, ann, "y".repeat(900), "z".repeat(900)).assertRefused("BATCH_TOO_LARGE");
    assertThat(receive(RIGHT, bob).values()).containsExactly("x".repeat(5000));
  }

  @Test
  void sendOfNothingIsRefused() {
    send(LEFT, ann).assertRefused("INVALID_ARGUMENT");
  }

  @Test
  void creatingIsNotHoldingSoNobodyIsGoneYet() {
    assertNothingYet(LEFT, ann);
    send(LEFT, ann, "1").get();
    assertThat(pipes.state(pipe, LEFT)).isEqualTo(new PipeDriver.EndState(1, false, 0));
    assertThat(pipes.state(pipe, RIGHT)).isEqualTo(new PipeDriver.EndState(0, false, 1));
  }

  @Test
  void whatWasSentIsReceivedBeforeTheEnd() {
    send(LEFT, ann, "1", "2").get();
    pipes.endSession(ann);
    assertThat(pipes.receive(pipe, RIGHT, bob, 1, NOT_AT_ALL).get().values()).containsExactly("1");
    assertThat(receive(RIGHT, bob).values()).containsExactly("2");
    assertEnd(RIGHT, bob);
    send(RIGHT, bob, "3").assertRefused("PIPE_BROKEN");
  }

  @Test
  void waitingReceiverIsToldOfTheEndWhenTheLastHolderDies() {
    String cleo = pipes.openSession();
    send(LEFT, ann, "1").get();
    send(LEFT, cleo, "2").get();
    receive(RIGHT, bob);
    Call<Received> waiting = pipes.receive(pipe, RIGHT, bob, 1, FOR_EVER);
    awaitWaiting(1);
    pipes.endSession(ann);
    assertThat(waiting.isOver()).isFalse();
    pipes.endSession(cleo);
    assertThat(waiting.get().end()).isTrue();
  }

  @Test
  void waitingSenderIsToldThatThePipeIsBrokenWhenTheOtherEndDies() {
    pipe = pipes.create(1000);
    assertNothingYet(RIGHT, bob);
    send(LEFT, ann, "x".repeat(900)).get();
    Call<Void> waiting = send(LEFT, ann, "y".repeat(900));
    awaitWaiting(1);
    pipes.endSession(bob);
    waiting.assertRefused("PIPE_BROKEN");
    send(LEFT, ann, "1").assertRefused("PIPE_BROKEN");
  }

  @Test
  void closedEndIsClosedForItsSessionAndTheOtherEndLearnsOfIt() {
    send(LEFT, ann, "1").get();
    pipes.close(pipe, LEFT, ann);
    pipes.close(pipe, LEFT, ann);
    send(LEFT, ann, "2").assertRefused("PIPE_END_CLOSED");
    pipes.receive(pipe, LEFT, ann, 1, NOT_AT_ALL).assertRefused("PIPE_END_CLOSED");
    assertThat(receive(RIGHT, bob).values()).containsExactly("1");
    assertEnd(RIGHT, bob);
  }

  @Test
  void callThatWaitsAtAnEndIsRefusedWhenItsSessionClosesTheEnd() {
    Call<Received> waiting = pipes.receive(pipe, LEFT, ann, 1, FOR_EVER);
    awaitWaiting(1);
    pipes.close(pipe, LEFT, ann);
    waiting.assertRefused("PIPE_END_CLOSED");
  }

  @Test
  void endThatWasNeverUsedCanBeClosed() {
    pipes.close(pipe, LEFT, ann);
    assertThat(pipes.state(pipe, LEFT).gone()).isTrue();
    assertEnd(RIGHT, bob);
    send(RIGHT, bob, "1").assertRefused("PIPE_BROKEN");
  }

  @Test
  void endClosedForEverybodyIsGone() {
    send(LEFT, ann, "1").get();
    send(LEFT, bob, "2").get();
    pipes.close(pipe, LEFT, "");
    assertThat(pipes.state(pipe, LEFT)).isEqualTo(new PipeDriver.EndState(0, true, 0));
    assertThat(receive(RIGHT, bob).values()).containsExactly("1", "2");
    assertEnd(RIGHT, bob);
    send(LEFT, ann, "3").assertRefused("PIPE_END_CLOSED");
  }

  @Test
  void endThatIsGoneStaysGoneForEverybody() {
    String cleo = pipes.openSession();
    send(LEFT, ann, "1").get();
    pipes.endSession(ann);
    for (String latecomer : List.of(cleo, bob)) {
      send(LEFT, latecomer, "2").assertRefused("PIPE_END_CLOSED");
      pipes.receive(pipe, LEFT, latecomer, 1, FOR_EVER).assertRefused("PIPE_END_CLOSED");
    }
    assertThat(receive(RIGHT, bob).values()).containsExactly("1");
    assertEnd(RIGHT, bob);
    assertThat(pipes.state(pipe, LEFT)).isEqualTo(new PipeDriver.EndState(0, true, 0));
  }

  @Test
  void endThatIsClosedForEverybodyIsGoneForWhoeverReceivesItLater() {
    String carrier = pipes.create(0);
    pipes.sendHandle(carrier, LEFT, ann, pipe, RIGHT).get();
    pipes.close(pipe, RIGHT, "");
    pipes.sendHandle(carrier, LEFT, ann, pipe, RIGHT).get();
    assertEnd(LEFT, ann);
    pipes.receive(carrier, RIGHT, bob, 2, NOT_AT_ALL).get();
    assertThat(pipes.state(pipe, RIGHT)).isEqualTo(new PipeDriver.EndState(0, true, 0));
    send(RIGHT, bob, "1").assertRefused("PIPE_END_CLOSED");
    assertEnd(LEFT, ann);
  }

  @Test
  void handleInFlightKeepsItsEndAliveAndGivesItToItsReceiver() {
    String carrier = pipes.create(0);
    pipes.sendHandle(carrier, LEFT, ann, pipe, RIGHT).get();
    assertNothingYet(LEFT, ann);
    assertThat(pipes.state(pipe, RIGHT)).isEqualTo(new PipeDriver.EndState(0, false, 0));
    pipes.receive(carrier, RIGHT, bob, 1, NOT_AT_ALL).get();
    assertThat(pipes.state(pipe, RIGHT).holders()).isEqualTo(1);
    assertNothingYet(LEFT, ann);
    pipes.endSession(bob);
    assertEnd(LEFT, ann);
    send(LEFT, ann, "1").assertRefused("PIPE_BROKEN");
  }

  @Test
  void handleThatNobodyReceivesAnyMoreHoldsNothing() {
    String carrier = pipes.create(0);
    pipes.sendHandle(carrier, LEFT, ann, pipe, RIGHT).get();
    assertNothingYet(LEFT, ann);
    pipes.delete(carrier);
    assertEnd(LEFT, ann);
  }

  @Test
  void handleInARefusedSendEndsNothing() {
    String carrier = pipes.create(0);
    pipes.close(carrier, RIGHT, bob);
    pipes.sendHandle(carrier, LEFT, ann, pipe, RIGHT).assertRefused("PIPE_BROKEN");
    assertThat(pipes.state(pipe, RIGHT)).isEqualTo(new PipeDriver.EndState(0, false, 0));
    send(LEFT, ann, "1").get();
    assertNothingYet(LEFT, ann);
  }

  @Test
  void handleInASendThatGetsNoRoomEndsNothing() {
    String carrier = pipes.create(1);
    pipes.send(carrier, LEFT, ann, FOR_EVER, List.of("1")).get();
    Call<Void> waiting = pipes.sendHandle(carrier, LEFT, ann, pipe, RIGHT);
    awaitWaiting(1);
    pipes.delete(carrier);
    waiting.assertRefused("PIPE_NOT_FOUND");
    assertNothingYet(LEFT, ann);
  }

  @Test
  void handleInARefusedSendLeavesTheEndToTheOtherHandlesToIt() {
    String carrier = pipes.create(0);
    pipes.sendHandle(carrier, LEFT, ann, pipe, RIGHT).get();
    String broken = pipes.create(0);
    pipes.close(broken, RIGHT, bob);
    pipes.sendHandle(broken, LEFT, ann, pipe, RIGHT).assertRefused("PIPE_BROKEN");
    assertNothingYet(LEFT, ann);
    pipes.delete(carrier);
    assertEnd(LEFT, ann);
  }

  @Test
  void handleToAMissingPipeIsRefusedAndNothingIsSent() {
    String carrier = pipes.create(0);
    pipes.sendHandle(carrier, LEFT, ann, "nobody", RIGHT).assertRefused("PIPE_NOT_FOUND");
    assertThat(pipes.state(carrier, RIGHT).unread()).isZero();
  }

  @Test
  void deleteEndsEveryWaitAndThePipe() {
    pipe = pipes.create(1000);
    send(LEFT, ann, "x".repeat(900)).get();
    Call<Void> sender = send(LEFT, ann, "y".repeat(900));
    Call<Received> receiver = pipes.receive(pipe, LEFT, ann, 1, FOR_EVER);
    awaitWaiting(2);
    pipes.delete(pipe);
    sender.assertRefused("PIPE_NOT_FOUND");
    receiver.assertRefused("PIPE_NOT_FOUND");
    send(LEFT, ann, "1").assertRefused("PIPE_NOT_FOUND");
    pipes.receive(pipe, RIGHT, bob, 1, FOR_EVER).assertRefused("PIPE_NOT_FOUND");
    awaitWaiting(0);
  }

  @Test
  void waitThatIsOverIsAnAnswer() {
    assertThat(pipes.receive(pipe, LEFT, ann, 1, Duration.ofMillis(1)).get().timedOut()).isTrue();
  }

  @Test
  void emptyMessageIsAMessageAndNoEnd() {
    send(LEFT, ann, "").get();
    pipes.endSession(ann);
    Received received = receive(RIGHT, bob);
    assertThat(received.values()).containsExactly("");
    assertThat(received.end()).isFalse();
    assertEnd(RIGHT, bob);
  }

  @Test
  void messageThatIsTooLongStaysAndCanBeReceivedByWhoTakesMore() {
    send(LEFT, ann, "12345", "1").get();
    pipes.receive(pipe, RIGHT, bob, 10, 4, NOT_AT_ALL).assertRefused("MESSAGE_TOO_LONG");
    assertThat(pipes.state(pipe, RIGHT).unread()).isEqualTo(2);
    assertThat(pipes.receive(pipe, RIGHT, bob, 1, 5, NOT_AT_ALL).get().values())
        .containsExactly("12345");
    assertThat(receive(RIGHT, bob).values()).containsExactly("1");
  }

  @Test
  void whatIsShortEnoughIsReceivedAndTheLongMessageBehindItIsRefusedNextTime() {
    send(LEFT, ann, "1", "12", "12345", "2").get();
    assertThat(pipes.receive(pipe, RIGHT, bob, 10, 2, NOT_AT_ALL).get().values())
        .containsExactly("1", "12");
    pipes.receive(pipe, RIGHT, bob, 10, 2, NOT_AT_ALL).assertRefused("MESSAGE_TOO_LONG");
    assertThat(receive(RIGHT, bob).values()).containsExactly("12345", "2");
  }

  @Test
  void whoWaitsIsRefusedAMessageThatIsTooLongAndTheNextReceiverGetsIt() {
    Call<Received> narrow = pipes.receive(pipe, RIGHT, bob, 1, 4, FOR_EVER);
    awaitWaiting(1);
    Call<Received> wide = pipes.receive(pipe, RIGHT, bob, 1, FOR_EVER);
    awaitWaiting(2);
    send(LEFT, ann, "12345").get();
    narrow.assertRefused("MESSAGE_TOO_LONG");
    assertThat(wide.get().values()).containsExactly("12345");
  }

  @Test
  void lengthIsThatOfTheValueInBytesOfUtf8() {
    send(LEFT, ann, "\"ä\"").get();
    pipes.receive(pipe, RIGHT, bob, 1, 3, NOT_AT_ALL).assertRefused("MESSAGE_TOO_LONG");
    assertThat(pipes.receive(pipe, RIGHT, bob, 1, 4, NOT_AT_ALL).get().values())
        .containsExactly("\"ä\"");
  }

  @Test
  void negativeLengthIsRefused() {
    send(LEFT, ann, "1").get();
    pipes.receive(pipe, RIGHT, bob, 1, -1, NOT_AT_ALL).assertRefused("INVALID_ARGUMENT");
    assertThat(receive(RIGHT, bob).values()).containsExactly("1");
  }

  @Test
  void simplexPipeCarriesMessagesFromTheRightEndToTheLeftOnly() {
    pipe = pipes.create(0, true);
    send(RIGHT, bob, "1").get();
    assertThat(receive(LEFT, ann).values()).containsExactly("1");
    send(LEFT, ann, "2").assertRefused("PIPE_READ_ONLY");
    pipes.receive(pipe, RIGHT, bob, 1, NOT_AT_ALL).assertRefused("PIPE_WRITE_ONLY");
    pipes.poll(pipe, RIGHT, bob, NOT_AT_ALL).assertRefused("PIPE_WRITE_ONLY");
    pipes.endSession(bob);
    assertEnd(LEFT, ann);
  }

  @Test
  void whatASimplexPipeRefusesMakesNobodyAHolderAndLeavesNothing() {
    pipe = pipes.create(0, true);
    send(LEFT, ann, "1").assertRefused("PIPE_READ_ONLY");
    pipes.receive(pipe, RIGHT, bob, 1, FOR_EVER).assertRefused("PIPE_WRITE_ONLY");
    pipes.poll(pipe, RIGHT, bob, FOR_EVER).assertRefused("PIPE_WRITE_ONLY");
    assertThat(pipes.state(pipe, LEFT)).isEqualTo(new PipeDriver.EndState(0, false, 0));
    assertThat(pipes.state(pipe, RIGHT)).isEqualTo(new PipeDriver.EndState(0, false, 0));
    assertThat(pipes.waiting()).isZero();
  }
}
