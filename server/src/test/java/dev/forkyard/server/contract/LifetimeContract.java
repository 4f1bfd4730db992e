package dev.forkyard.server.contract;

import static dev.forkyard.server.contract.PipeDriver.End.LEFT;
import static dev.forkyard.server.contract.PipeDriver.End.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.contract.PipeDriver.End;
import dev.forkyard.server.contract.PipeDriver.Received;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.testing.TestDaemon;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long queues and pipes live, whatever carries the calls. */
@SuppressWarnings("NullAway.Init")
abstract class LifetimeContract {
  static final @Nullable Duration FOR_EVER = null;
  static final Duration NOT_AT_ALL = Duration.ZERO;
  static final String NOBODY = "";

  LifetimeDriver things;
  String ann;
  String bob;

  /** A queue that nobody owns, to carry handles. */
  String post;

  abstract LifetimeDriver driver();

  @BeforeEach
  void openSessions() {
    things = driver();
    ann = things.openSession();
    bob = things.openSession();
    post = things.createQueue(NOBODY);
  }

  @AfterEach
  void clean() {
    things.clean();
  }

  static Handle queue(String id) {
    return new Handle(Handle.Kind.QUEUE, id, "");
  }

  static Handle end(String pipe, End end) {
    return new Handle(Handle.Kind.PIPE_END, pipe, end.name());
  }

  private void put(String queue, Handle... handles) {
    things.put(queue, NOT_AT_ALL, handles).get();
  }

  private List<String> take(String queue, String session) {
    List<String> tokens = things.take(queue, session, NOT_AT_ALL).get();
    assertThat(tokens).isNotEmpty();
    return tokens;
  }

  private Received receive(String pipe, End end, String session) {
    return things.receive(pipe, end, session, NOT_AT_ALL).get();
  }

  private void awaitWaiting() {
    await().atMost(TestDaemon.PATIENCE).until(() -> things.waiting() == 1);
  }

  @Test
  void thingThatNobodyWasGivenEndsWithItsOwnerAndRefusesWhoWaits() {
    String queue = things.createQueue(ann);
    String pipe = things.createPipe(ann);
    Call<List<String>> taker = things.take(queue, NOBODY, FOR_EVER);
    Call<Received> receiver = things.receive(pipe, LEFT, NOBODY, FOR_EVER);
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isFalse();
    assertThat(things.hasPipe(pipe)).isFalse();
    taker.assertRefused("QUEUE_NOT_FOUND");
    receiver.assertRefused("PIPE_NOT_FOUND");
  }

  @Test
  void thingWithoutOwnerLivesThoughItWasGivenToSomebodyWhoIsGone() {
    String queue = things.createQueue(NOBODY);
    String pipe = things.createPipe(NOBODY);
    put(post, queue(queue), end(pipe, LEFT));
    things.ack(post, take(post, bob));
    things.endSession(bob);
    assertThat(things.hasQueue(queue)).isTrue();
    assertThat(things.hasPipe(pipe)).isTrue();
  }

  @Test
  void handleInAnItemKeepsItsTargetAndThenItsTakerDoes() {
    String queue = things.createQueue(ann);
    String pipe = things.createPipe(ann);
    put(post, queue(queue), end(pipe, RIGHT));
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isTrue();
    assertThat(things.hasPipe(pipe)).isTrue();
    things.ack(post, take(post, bob));
    assertThat(things.hasQueue(queue)).isTrue();
    put(queue);
    things.send(pipe, RIGHT, bob).assertRefused("PIPE_BROKEN");
    things.endSession(bob);
    assertThat(things.hasQueue(queue)).isFalse();
    assertThat(things.hasPipe(pipe)).isFalse();
  }

  @Test
  void handleInAMessageKeepsItsTargetAndThenItsReceiverDoes() {
    String queue = things.createQueue(ann);
    String carrier = things.createPipe(NOBODY);
    things.send(carrier, LEFT, ann, queue(queue)).get();
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isTrue();
    receive(carrier, RIGHT, bob);
    assertThat(things.hasQueue(queue)).isTrue();
    things.endSession(bob);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void takerWithoutASessionKeepsWhatItHoldsUntilItAcknowledges() {
    String queue = things.createQueue(ann);
    put(post, queue(queue));
    things.endSession(ann);
    List<String> held = take(post, NOBODY);
    assertThat(things.hasQueue(queue)).isTrue();
    things.ack(post, held);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void deadLetterKeepsItsTargetsUntilItIsCleared() {
    String queue = things.createQueue(ann);
    put(post, queue(queue));
    things.endSession(ann);
    things.giveUp(post, take(post, NOBODY));
    assertThat(things.hasQueue(queue)).isTrue();
    things.clearDeadLetters(post);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void handleInAPutThatWaitsKeepsItsTargetUntilThePutIsCancelled() {
    String queue = things.createQueue(ann);
    put(post);
    Call<Void> waiting = things.put(post, FOR_EVER, queue(queue));
    awaitWaiting();
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isTrue();
    waiting.cancel();
    await().atMost(TestDaemon.PATIENCE).until(() -> !things.hasQueue(queue));
  }

  @Test
  void handleInARefusedPutKeepsNothing() {
    String queue = things.createQueue(ann);
    put(post);
    things.put(post, NOT_AT_ALL, queue(queue)).assertRefused("QUEUE_FULL");
    things.put(post, NOT_AT_ALL, queue(queue), queue("nobody")).assertRefused("QUEUE_NOT_FOUND");
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void handleInARefusedPutEndsNoEnd() {
    String pipe = things.createPipe(ann);
    put(post);
    things.put(post, NOT_AT_ALL, end(pipe, LEFT)).assertRefused("QUEUE_FULL");
    things.put(post, NOT_AT_ALL, end(pipe, LEFT), queue("nobody")).assertRefused("QUEUE_NOT_FOUND");
    Call<Void> waiting = things.put(post, FOR_EVER, end(pipe, LEFT));
    awaitWaiting();
    things.deleteQueue(post);
    waiting.assertRefused("QUEUE_NOT_FOUND");
    assertThat(receive(pipe, RIGHT, bob).timedOut()).isTrue();
    things.send(pipe, RIGHT, bob).get();
  }

  @Test
  void targetOfAnItemThatIsDroppedEnds() {
    String carrier = things.createQueue(NOBODY);
    String queue = things.createQueue(ann);
    put(carrier, queue(queue));
    things.endSession(ann);
    things.deleteQueue(carrier);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void everybodyWhoWasGivenAThingKeepsIt() {
    String queue = things.createQueue(ann);
    String cleo = things.openSession();
    put(post, queue(queue));
    List<String> held = take(post, bob);
    things.ack(post, held);
    put(post, queue(queue));
    things.ack(post, take(post, cleo));
    things.endSession(bob);
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isTrue();
    things.endSession(cleo);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void queueEndsWhenEverybodyWhoHadItHasGivenItUp() {
    String queue = things.createQueue(ann);
    put(post, queue(queue));
    things.ack(post, take(post, bob));
    things.leaveQueue(queue, ann);
    things.leaveQueue(queue, ann);
    assertThat(things.hasQueue(queue)).isTrue();
    things.leaveQueue(queue, bob);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void queueThatWasGivenUpIsKeptByWhoIsGivenItAgain() {
    String queue = things.createQueue(ann);
    put(post, queue(queue));
    things.leaveQueue(queue, ann);
    things.ack(post, take(post, ann));
    assertThat(things.hasQueue(queue)).isTrue();
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void queueWithoutOwnerLivesThoughItIsGivenUp() {
    things.leaveQueue(post, ann);
    assertThat(things.hasQueue(post)).isTrue();
  }

  @Test
  void thingThatIsDeletedEndsThoughOthersKeepIt() {
    String queue = things.createQueue(ann);
    put(post, queue(queue));
    Call<List<String>> taker = things.take(queue, bob, FOR_EVER);
    things.deleteQueue(queue);
    taker.assertRefused("QUEUE_NOT_FOUND");
    things.ack(post, take(post, bob));
    things.put(post, NOT_AT_ALL, queue(queue)).assertRefused("QUEUE_NOT_FOUND");
  }

  @Test
  void queueWithAHandleToItselfEndsWithItsOwner() {
    String queue = things.createQueue(ann);
    put(queue, queue(queue));
    things.endSession(ann);
    assertThat(things.hasQueue(queue)).isFalse();
  }

  @Test
  void pipeWithAHandleToItsOwnEndEndsWithTheLastWhoHoldsIt() {
    String pipe = things.createPipe(ann);
    things.send(pipe, LEFT, bob, end(pipe, RIGHT)).get();
    things.endSession(ann);
    assertThat(things.hasPipe(pipe)).isTrue();
    things.endSession(bob);
    assertThat(things.hasPipe(pipe)).isFalse();
  }

  @Test
  void thingsThatHoldNothingButEachOtherEnd() {
    String one = things.createQueue(ann);
    String two = things.createQueue(bob);
    String pipe = things.createPipe(ann);
    put(one, queue(two));
    put(two, end(pipe, LEFT));
    things.send(pipe, LEFT, NOBODY, queue(one)).get();
    things.endSession(ann);
    assertThat(things.hasQueue(one)).isTrue();
    assertThat(things.hasPipe(pipe)).isTrue();
    things.endSession(bob);
    assertThat(things.hasQueue(one)).isFalse();
    assertThat(things.hasQueue(two)).isFalse();
    assertThat(things.hasPipe(pipe)).isFalse();
  }

  @Test
  void thingsThatHoldEachOtherLiveAsLongAsOneOfThemIsKept() {
    String one = things.createQueue(ann);
    String two = things.createQueue(ann);
    put(one, queue(two));
    put(two, queue(one));
    put(post, queue(one));
    things.endSession(ann);
    assertThat(things.hasQueue(one)).isTrue();
    assertThat(things.hasQueue(two)).isTrue();
    things.ack(post, take(post, NOBODY));
    assertThat(things.hasQueue(one)).isFalse();
    assertThat(things.hasQueue(two)).isFalse();
  }

  @Test
  void whatIsTakenOutOfARingIsKeptByItsTaker() {
    String one = things.createQueue(ann);
    String two = things.createQueue(ann);
    put(one, queue(two));
    put(two, queue(one));
    things.ack(two, take(two, bob));
    things.endSession(ann);
    assertThat(things.hasQueue(one)).isTrue();
    assertThat(things.hasQueue(two)).isTrue();
    things.endSession(bob);
    assertThat(things.hasQueue(one)).isFalse();
    assertThat(things.hasQueue(two)).isFalse();
  }

  @Test
  void whoUsesAnEndKeepsThePipe() {
    String pipe = things.createPipe(ann);
    things.send(pipe, LEFT, ann).get();
    receive(pipe, RIGHT, bob);
    things.endSession(ann);
    assertThat(receive(pipe, RIGHT, bob).end()).isTrue();
    things.endSession(bob);
    assertThat(things.hasPipe(pipe)).isFalse();
  }

  @Test
  void pipeEndsWhenItsOwnerIsGoneAndEverybodyElseHasClosedIt() {
    String pipe = things.createPipe(ann);
    receive(pipe, LEFT, bob);
    receive(pipe, RIGHT, bob);
    things.close(pipe, LEFT, bob);
    things.endSession(ann);
    assertThat(things.hasPipe(pipe)).isTrue();
    things.close(pipe, RIGHT, bob);
    assertThat(things.hasPipe(pipe)).isFalse();
  }

  @Test
  void ownerKeepsAPipeOfWhichItHasClosedBothEnds() {
    String pipe = things.createPipe(ann);
    things.close(pipe, LEFT, ann);
    things.close(pipe, RIGHT, ann);
    assertThat(things.hasPipe(pipe)).isTrue();
    things.endSession(ann);
    assertThat(things.hasPipe(pipe)).isFalse();
  }

  @Test
  void endThatNobodyHasTouchedIsGoneWithTheOwnerOfThePipe() {
    String pipe = things.createPipe(ann);
    things.send(pipe, LEFT, NOBODY).get();
    assertThat(receive(pipe, RIGHT, bob).values()).hasSize(1);
    things.send(pipe, LEFT, NOBODY).get();
    things.endSession(ann);
    assertThat(receive(pipe, RIGHT, bob).values()).hasSize(1);
    assertThat(receive(pipe, RIGHT, bob).end()).isTrue();
    things.send(pipe, RIGHT, bob).assertRefused("PIPE_BROKEN");
  }

  @Test
  void whoWaitsAtTheOtherEndIsToldThatTheOwnerIsGoneWhoNeverTouchedThePipe() {
    String pipe = things.createPipe(ann);
    Call<Received> waiting = things.receive(pipe, RIGHT, bob, FOR_EVER);
    awaitWaiting();
    things.endSession(ann);
    assertThat(waiting.get().end()).isTrue();
  }

  @Test
  void endInFlightIsNotGoneWithTheOwnerOfThePipe() {
    String pipe = things.createPipe(ann);
    put(post, end(pipe, LEFT));
    receive(pipe, RIGHT, bob);
    things.endSession(ann);
    assertThat(receive(pipe, RIGHT, bob).timedOut()).isTrue();
    String cleo = things.openSession();
    things.ack(post, take(post, cleo));
    things.send(pipe, LEFT, cleo).get();
    assertThat(receive(pipe, RIGHT, bob).values()).hasSize(1);
    things.endSession(cleo);
    assertThat(receive(pipe, RIGHT, bob).end()).isTrue();
  }
}
