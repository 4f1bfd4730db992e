package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.contract.QueueDriver.State;
import dev.forkyard.server.contract.QueueDriver.Taken;
import dev.forkyard.server.testing.TestDaemon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a queue does, whatever carries the calls. */
abstract class QueueContract extends QueueSetUp {
  private Call<Void> put(String queue, String... values) {
    return queues.put(queue, ann, FOR_EVER, List.of(values));
  }

  private void fill(String queue, String... values) {
    put(queue, values).get();
  }

  private Taken take(String queue, String session, int most) {
    return queues.take(queue, session, most, NOT_AT_ALL).get();
  }

  private void awaitParked(String queue, int putters, int takers) {
    await()
        .atMost(TestDaemon.PATIENCE)
        .untilAsserted(
            () -> {
              State state = queues.state(queue);
              assertThat(state.putters()).isEqualTo(putters);
              assertThat(state.takers()).isEqualTo(takers);
            });
  }

  @Test
  void itemsComeOutInTheOrderInWhichTheyWentIn() {
    String queue = queues.create(0, 0);
    fill(queue, "a", "b");
    fill(queue, "c");
    assertThat(take(queue, ann, 2).values()).containsExactly("a", "b");
    assertThat(take(queue, bob, 9).values()).containsExactly("c");
  }

  @Test
  void takeOfAnEmptyQueueWithoutWaitingTimesOut() {
    String queue = queues.create(0, 0);
    Taken nothing = take(queue, ann, 1);
    assertThat(nothing.values()).isEmpty();
    assertThat(nothing.timedOut()).isTrue();
    assertThat(nothing.end()).isFalse();
  }

  @Test
  void waitingTakersAreServedInTheOrderInWhichTheyCame() {
    String queue = queues.create(0, 0);
    List<Call<Taken>> takers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      takers.add(queues.take(queue, bob, 1, FOR_EVER));
      awaitParked(queue, 0, i + 1);
    }
    fill(queue, "0", "1", "2");
    for (int i = 0; i < 3; i++) {
      assertThat(takers.get(i).get().values()).containsExactly(Integer.toString(i));
    }
    assertThat(queues.state(queue).takers()).isEqualTo(2);
    assertThat(takers.get(3).isOver()).isFalse();
    assertThat(takers.get(4).isOver()).isFalse();
    fill(queue, "3", "4");
    assertThat(takers.get(3).get().values()).containsExactly("3");
    assertThat(takers.get(4).get().values()).containsExactly("4");
  }

  @Test
  void exactlyOneWaitingPutIsAdmittedPerFreeSlotInOrder() {
    String queue = queues.create(1, 0);
    fill(queue, "0");
    List<Call<Void>> putters = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      putters.add(put(queue, Integer.toString(i)));
      awaitParked(queue, i, 0);
    }
    for (int i = 0; i < 4; i++) {
      assertThat(take(queue, bob, 1).values()).containsExactly(Integer.toString(i));
      putters.get(i).get();
      State state = queues.state(queue);
      assertThat(state.putters()).isEqualTo(3 - i);
      assertThat(state.ready()).isEqualTo(1);
    }
    assertThat(take(queue, bob, 1).values()).containsExactly("4");
  }

  @Test
  void putThatFindsOthersWaitingDoesNotOvertakeThem() {
    String queue = queues.create(3, 0);
    fill(queue, "a", "b");
    Call<Void> big = put(queue, "c", "d");
    awaitParked(queue, 1, 0);
    queues.put(queue, ann, NOT_AT_ALL, List.of("small")).assertRefused("QUEUE_FULL");
    assertThat(take(queue, bob, 1).values()).containsExactly("a");
    big.get();
    assertThat(take(queue, bob, 9).values()).containsExactly("b", "c", "d");
  }

  @Test
  void batchIsAcceptedWholeOrNotAtAll() {
    String queue = queues.create(3, 0);
    fill(queue, "a", "b");
    queues.put(queue, ann, NOT_AT_ALL, List.of("c", "d")).assertRefused("QUEUE_FULL");
    assertThat(queues.state(queue).ready()).isEqualTo(2);
    queues.put(queue, ann, Duration.ofMillis(1), List.of("c", "d")).assertRefused("QUEUE_FULL");
    assertThat(take(queue, ann, 9).values()).containsExactly("a", "b");
  }

  @Test
  void batchThatCanNeverFitIsRefusedAtOnce() {
    String few = queues.create(2, 0);
    put(few, "a", "b", "c").assertRefused("BATCH_TOO_LARGE");
    String small = queues.create(0, 1000);
    put(small, "x".repeat(2000)).assertRefused("BATCH_TOO_LARGE");
    assertThat(queues.state(few).ready() + queues.state(small).ready()).isZero();
  }

  @Test
  void bytesAreBoundedBesidesItems() {
    String queue = queues.create(0, 1000);
    fill(queue, "x".repeat(600));
    queues.put(queue, ann, NOT_AT_ALL, List.of("y".repeat(600))).assertRefused("QUEUE_FULL");
    Call<Void> waiting = put(queue, "z".repeat(600));
    awaitParked(queue, 1, 0);
    take(queue, bob, 1);
    waiting.get();
  }

  @Test
  void emptyBatchIsRefused() {
    put(queues.create(0, 0)).assertRefused("INVALID_ARGUMENT");
  }

  @Test
  void takenItemIsLeasedUntilItIsAcknowledged() {
    String queue = queues.create(0, 0);
    fill(queue, "a");
    Taken taken = take(queue, ann, 1);
    assertThat(queues.state(queue).leased()).isEqualTo(1);
    assertThat(take(queue, bob, 1).timedOut()).isTrue();
    queues.ack(queue, ann, taken.tokens()).get();
    assertThat(queues.state(queue)).isEqualTo(new State(0, 0, 0, 0, false));
  }

  @Test
  void releasedItemGoesBackToItsOldPlaceAndCountsItsAttempts() {
    String queue = queues.create(0, 0);
    fill(queue, "a", "b", "c", "d");
    Taken first = take(queue, ann, 3);
    assertThat(first.attempts()).containsExactly(1, 1, 1);
    queues.release(queue, ann, List.of(first.tokens().get(1))).get();
    queues.release(queue, ann, List.of(first.tokens().get(0))).get();
    Taken again = take(queue, bob, 9);
    assertThat(again.values()).containsExactly("a", "b", "d");
    assertThat(again.attempts()).containsExactly(2, 2, 1);
    assertThat(again.tokens()).doesNotContainAnyElementsOf(first.tokens());
  }

  @Test
  void lostLeaseIsRefusedAndNothingIsChanged() {
    String queue = queues.create(0, 0);
    fill(queue, "a", "b");
    Taken taken = take(queue, ann, 2);
    String a = taken.tokens().get(0);
    String b = taken.tokens().get(1);
    queues.ack(queue, ann, List.of(a)).get();
    queues.ack(queue, ann, List.of(b, a)).assertRefused("LEASE_LOST");
    queues.release(queue, ann, List.of(b, "nonsense")).assertRefused("LEASE_LOST");
    assertThat(queues.state(queue).leased()).isEqualTo(1);
    queues.release(queue, ann, List.of(b)).get();
    queues.ack(queue, ann, List.of(b)).assertRefused("LEASE_LOST");
    assertThat(take(queue, bob, 9).values()).containsExactly("b");
  }

  @Test
  void tokenOfOneQueueProvesNothingToAnother() {
    String one = queues.create(0, 0);
    String other = queues.create(0, 0);
    fill(one, "a");
    fill(other, "a");
    Taken taken = take(one, ann, 1);
    take(other, ann, 1);
    queues.ack(other, ann, taken.tokens()).assertRefused("LEASE_LOST");
  }

  @Test
  void endOfASessionGivesBackWhatItHeldToTheOldPlaces() {
    String queue = queues.create(0, 0);
    fill(queue, "a", "b", "c", "d");
    Taken lost = take(queue, ann, 1);
    take(queue, bob, 1);
    take(queue, ann, 1);
    queues.endSession(ann);
    String cleo = queues.openSession();
    assertThat(take(queue, cleo, 9).values()).containsExactly("a", "c", "d");
    queues.ack(queue, bob, lost.tokens()).assertRefused("LEASE_LOST");
  }

  @Test
  void giveBackServesWaitingTakersAndIsNeverRefused() {
    String queue = queues.create(1, 0);
    fill(queue, "a");
    take(queue, bob, 1);
    Call<Taken> waiting = queues.take(queue, ann, 1, FOR_EVER);
    awaitParked(queue, 0, 1);
    queues.endSession(bob);
    assertThat(waiting.get().values()).containsExactly("a");
    fill(queue, "b");
    queues.release(queue, ann, waiting.get().tokens()).get();
    assertThat(queues.state(queue).ready()).isEqualTo(2);
    assertThat(take(queue, ann, 9).values()).containsExactly("a", "b");
  }

  @Test
  void takerThatGoesAwayWhileItWaitsTakesNothing() {
    String queue = queues.create(0, 0);
    Call<Taken> gone = queues.take(queue, ann, 1, FOR_EVER);
    awaitParked(queue, 0, 1);
    Call<Taken> next = queues.take(queue, bob, 1, FOR_EVER);
    awaitParked(queue, 0, 2);
    gone.cancel();
    awaitParked(queue, 0, 1);
    fill(queue, "a");
    assertThat(next.get().values()).containsExactly("a");
  }

  @Test
  void putterThatGoesAwayWhileItWaitsPutsNothingAndLetsASmallerOnePass() {
    String queue = queues.create(2, 0);
    fill(queue, "a");
    Call<Void> big = put(queue, "b", "c");
    awaitParked(queue, 1, 0);
    Call<Void> small = put(queue, "d");
    awaitParked(queue, 2, 0);
    big.cancel();
    small.get();
    assertThat(take(queue, bob, 9).values()).containsExactly("a", "d");
  }

  @Test
  void closedQueueRefusesPutsAndCanBeDrained() {
    String queue = queues.create(2, 0);
    fill(queue, "a", "b");
    Call<Void> waiting = put(queue, "c");
    awaitParked(queue, 1, 0);
    queues.close(queue);
    waiting.assertRefused("QUEUE_CLOSED");
    put(queue, "d").assertRefused("QUEUE_CLOSED");
    Taken rest = take(queue, ann, 9);
    assertThat(rest.values()).containsExactly("a", "b");
    assertThat(rest.end()).isFalse();
  }

  @Test
  void endIsToldOnlyWhenNobodyElseHoldsAnItem() {
    String queue = queues.create(0, 0);
    fill(queue, "a");
    Taken held = take(queue, bob, 1);
    queues.close(queue);
    assertThat(take(queue, ann, 1).timedOut()).isTrue();
    assertThat(take(queue, bob, 1).end()).isTrue();
    Call<Taken> waiting = queues.take(queue, ann, 1, FOR_EVER);
    awaitParked(queue, 0, 1);
    queues.ack(queue, bob, held.tokens()).get();
    Taken end = waiting.get();
    assertThat(end.end()).isTrue();
    assertThat(end.timedOut()).isFalse();
    assertThat(end.values()).isEmpty();
    assertThat(take(queue, ann, 1).end()).isTrue();
  }

  @Test
  void endIsToldToWhoWaitsWhileItsOtherCallGetsTheLastItem() {
    String queue = queues.create(0, 0);
    fill(queue, "a");
    Taken held = take(queue, bob, 1);
    queues.close(queue);
    Call<Taken> first = queues.take(queue, ann, 1, FOR_EVER);
    awaitParked(queue, 0, 1);
    Call<Taken> second = queues.take(queue, ann, 1, FOR_EVER);
    awaitParked(queue, 0, 2);
    queues.release(queue, bob, held.tokens()).get();
    assertThat(first.get().values()).containsExactly("a");
    assertThat(second.get().end()).isTrue();
    Call<Taken> third = queues.take(queue, bob, 1, FOR_EVER);
    awaitParked(queue, 0, 1);
    queues.ack(queue, ann, first.get().tokens()).get();
    assertThat(third.get().end()).isTrue();
  }

  @Test
  void itemThatComesBackAfterCloseIsDeliveredAndNoEndIsTold() {
    String queue = queues.create(0, 0);
    fill(queue, "a");
    take(queue, bob, 1);
    queues.close(queue);
    Call<Taken> waiting = queues.take(queue, ann, 1, FOR_EVER);
    awaitParked(queue, 0, 1);
    queues.endSession(bob);
    assertThat(waiting.get().values()).containsExactly("a");
    assertThat(waiting.get().end()).isFalse();
  }

  @Test
  void closeWakesEveryWaitingTakerOfAnEmptyQueue() {
    String queue = queues.create(0, 0);
    List<Call<Taken>> waiting =
        IntStream.range(0, 3).mapToObj(i -> queues.take(queue, bob, 1, FOR_EVER)).toList();
    awaitParked(queue, 0, 3);
    queues.close(queue);
    assertThat(waiting).allMatch(call -> call.get().end());
  }

  @Test
  void deleteEndsEveryWaitAndTheQueue() {
    String full = queues.create(1, 0);
    fill(full, "a");
    Call<Void> putter = put(full, "b");
    awaitParked(full, 1, 0);
    String empty = queues.create(1, 0);
    Call<Taken> taker = queues.take(empty, bob, 1, FOR_EVER);
    awaitParked(empty, 0, 1);
    queues.delete(full);
    queues.delete(empty);
    putter.assertRefused("QUEUE_NOT_FOUND");
    taker.assertRefused("QUEUE_NOT_FOUND");
    put(full, "c").assertRefused("QUEUE_NOT_FOUND");
    queues.take(empty, bob, 1, NOT_AT_ALL).assertRefused("QUEUE_NOT_FOUND");
    queues.ack(empty, bob, List.of("t")).assertRefused("QUEUE_NOT_FOUND");
  }

  @Test
  void waitThatIsOverIsAnAnswerForTakersAndARefusalForPutters() {
    String queue = queues.create(1, 0);
    assertThat(queues.take(queue, ann, 1, Duration.ofMillis(1)).get().timedOut()).isTrue();
    fill(queue, "a");
    queues.put(queue, ann, Duration.ofMillis(1), List.of("b")).assertRefused("QUEUE_FULL");
    assertThat(queues.state(queue).ready()).isEqualTo(1);
  }
}
