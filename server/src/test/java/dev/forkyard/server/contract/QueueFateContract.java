package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.contract.QueueDriver.About;
import dev.forkyard.server.contract.QueueDriver.Drained;
import dev.forkyard.server.contract.QueueDriver.Mode;
import dev.forkyard.server.contract.QueueDriver.Options;
import dev.forkyard.server.contract.QueueDriver.Return;
import dev.forkyard.server.contract.QueueDriver.Seen;
import dev.forkyard.server.contract.QueueDriver.Taken;
import dev.forkyard.server.contract.QueueDriver.View;
import dev.forkyard.server.contract.QueueDriver.Wish;
import dev.forkyard.server.testing.TestDaemon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the items of a queue, whatever carries the calls. */
abstract class QueueFateContract extends QueueSetUp {
  private static final String BROKEN = "the connection of its client broke";

  private String queueOf(Options options, String... values) {
    String queue = queues.create(options);
    if (values.length > 0) {
      queues.put(queue, ann, NOT_AT_ALL, List.of(values)).get();
    }
    return queue;
  }

  private String queueOf(List<String> values) {
    return queueOf(values.toArray(String[]::new));
  }

  private String queueOf(String... values) {
    return queueOf(new Options(0, 0, 0, 0, 0), values);
  }

  private void put(String queue, int priority, String... values) {
    queues.put(queue, ann, NOT_AT_ALL, List.of(values), new About(priority, Map.of())).get();
  }

  private Taken take(String queue, String session, int most) {
    return queues.take(queue, session, Wish.now(most)).get();
  }

  private View ready(String queue, int most) {
    return queues.peek(queue, ann, most, NOT_AT_ALL, false, "").get();
  }

  private List<Seen> deadLetters(String queue) {
    return queues.peek(queue, ann, 1000, NOT_AT_ALL, true, "").get().items();
  }

  /** A taker takes an item and breaks off. */
  private void lose(String queue, Mode mode) {
    String taker = queues.openSession();
    assertThat(queues.take(queue, taker, Wish.now(1).with(mode)).get().values()).hasSize(1);
    queues.endSession(taker);
  }

  @Test
  void itemsOfTheHighestPriorityAreTakenFirstAndThoseOfOnePriorityInOrder() {
    String queue = queueOf(new Options(0, 0, 9, 0, 0), "low 1", "low 2");
    put(queue, 9, "high 1", "high 2");
    put(queue, 5, "middle");
    put(queue, 9, "high 3");
    assertThat(take(queue, bob, 2).values()).containsExactly("high 1", "high 2");
    put(queue, 9, "high 4");
    assertThat(take(queue, bob, 9).values())
        .containsExactly("high 3", "high 4", "middle", "low 1", "low 2");
  }

  @Test
  void itemThatComesBackHasItsOldPlaceWithinItsPriority() {
    String queue = queueOf(new Options(0, 0, 1, 0, 0), "low 1", "low 2");
    put(queue, 1, "high 1", "high 2");
    Taken all = take(queue, bob, 9);
    put(queue, 1, "high 3");
    put(queue, 0, "low 3");
    List<String> again = new ArrayList<>(all.tokens());
    Collections.reverse(again);
    queues.release(queue, bob, again).get();
    assertThat(take(queue, bob, 9).values())
        .containsExactly("high 1", "high 2", "high 3", "low 1", "low 2", "low 3");
  }

  @Test
  void priorityThatTheQueueDoesNotHaveIsRefusedAndNothingIsPut() {
    String plain = queueOf();
    String two = queueOf(new Options(0, 0, 1, 0, 0));
    for (int priority : new int[] {2, 10, -1, Integer.MAX_VALUE}) {
      queues
          .put(two, ann, NOT_AT_ALL, List.of("a"), new About(priority, Map.of()))
          .assertRefused("INVALID_ARGUMENT");
    }
    queues
        .put(plain, ann, NOT_AT_ALL, List.of("a"), new About(1, Map.of()))
        .assertRefused("INVALID_ARGUMENT");
    assertThat(queues.state(two).ready() + queues.state(plain).ready()).isZero();
  }

  @Test
  void attributesAreToldToTheTakerAndToWhoeverLooks() {
    String queue = queueOf();
    Map<String, String> attributes = Map.of("sender", "ann", "empty", "");
    queues.put(queue, ann, NOT_AT_ALL, List.of("a", "b"), new About(0, attributes)).get();
    assertThat(ready(queue, 1).items().get(0).attributes()).isEqualTo(attributes);
    assertThat(take(queue, bob, 2).attributes()).containsExactly(attributes, attributes);
  }

  @Test
  void tooManyOrTooLongAttributesAreRefusedAndNothingIsPut() {
    String queue = queueOf();
    Map<String, String> many =
        IntStream.range(0, 17)
            .boxed()
            .collect(Collectors.toMap(number -> "key" + number, number -> ""));
    for (Map<String, String> bad : List.of(many, Map.of("long", "ü".repeat(2048)))) {
      queues
          .put(queue, ann, NOT_AT_ALL, List.of("a"), new About(0, bad))
          .assertRefused("INVALID_ARGUMENT");
    }
    assertThat(queues.state(queue).ready()).isZero();
  }

  @Test
  void attributesCountAsBytesOfEachItem() {
    String queue = queueOf(new Options(0, 1000, 0, 0, 0));
    About about = new About(0, Map.of("key", "v".repeat(600)));
    queues.put(queue, ann, NOT_AT_ALL, List.of("1"), about).get();
    queues.put(queue, ann, NOT_AT_ALL, List.of("2"), about).assertRefused("QUEUE_FULL");
    queues.put(queue, ann, NOT_AT_ALL, List.of("3", "4"), about).assertRefused("BATCH_TOO_LARGE");
  }

  @Test
  void itemThatThreeTakersLostIsADeadLetterThatTellsOfThem() {
    String queue = queueOf("poison", "good");
    lose(queue, Mode.WORK);
    lose(queue, Mode.WORK);
    assertThat(ready(queue, 1).items().get(0).crashes()).containsExactly(BROKEN, BROKEN);
    lose(queue, Mode.WORK);
    assertThat(take(queue, bob, 9).values()).containsExactly("good");
    Seen dead = deadLetters(queue).get(0);
    assertThat(dead.value()).isEqualTo("poison");
    assertThat(dead.death()).isEqualTo("CRASHES");
    assertThat(dead.attempts()).isEqualTo(3);
    assertThat(dead.crashes()).containsExactly(BROKEN, BROKEN, BROKEN);
    assertThat(dead.releases()).isZero();
  }

  @Test
  void itemTellsHowManyTakersLostItAndOfTheLastTenOfThem() {
    String queue = queueOf(new Options(0, 0, 0, 12, 0), "a");
    for (int i = 0; i < 12; i++) {
      lose(queue, Mode.WORK);
    }
    Seen dead = deadLetters(queue).get(0);
    assertThat(dead.crashCount()).isEqualTo(12);
    assertThat(dead.crashes()).hasSize(10).containsOnly(BROKEN);
    assertThat(queues.restore(queue, List.of()).get()).isEqualTo(1);
    assertThat(ready(queue, 1).items().get(0).crashCount()).isZero();
  }

  @Test
  void answerToWhoLooksIsBoundedInBytesOfWhatIsKnownOfTheItemsToo() {
    String queue = queueOf(IntStream.range(0, 1_000).mapToObj(Integer::toString).toList());
    Taken taken = take(queue, bob, 1_000);
    queues.release(queue, bob, taken.tokens(), Return.GIVE_UP, "\u20ac".repeat(1_365)).get();
    View first = queues.peek(queue, ann, 1_000, NOT_AT_ALL, true, "").get();
    assertThat(first.items()).hasSizeBetween(200, 256);
    View second = queues.peek(queue, ann, 1_000, NOT_AT_ALL, true, first.next()).get();
    assertThat(second.values()).first().isEqualTo(Integer.toString(first.items().size()));
  }

  @Test
  void queueSaysHowManyTakersMayLoseAnItem() {
    String queue = queueOf(new Options(0, 0, 0, 1, 0), "a");
    lose(queue, Mode.WORK);
    assertThat(deadLetters(queue)).singleElement().extracting(Seen::value).isEqualTo("a");
  }

  @Test
  void itemThatWasOnlyTakenAheadIsNotLostByItsTaker() {
    String queue = queueOf(new Options(0, 0, 0, 1, 0), "a");
    lose(queue, Mode.AHEAD);
    lose(queue, Mode.AHEAD);
    Taken taken = take(queue, bob, 1);
    assertThat(taken.values()).containsExactly("a");
    assertThat(taken.attempts()).containsExactly(1);
    assertThat(deadLetters(queue)).isEmpty();
  }

  @Test
  void endIsNotToldToASessionThatHoldsItemsAheadWhichItMayGiveBack() {
    String queue = queueOf("a", "b");
    Taken held = queues.take(queue, ann, Wish.now(1).with(Mode.AHEAD)).get();
    Taken worked = take(queue, ann, 1);
    queues.close(queue);
    assertThat(take(queue, ann, 1).timedOut()).isTrue();
    queues.release(queue, ann, held.tokens(), Return.UNUSED, "").get();
    assertThat(take(queue, ann, 1).values()).containsExactly("a");
    assertThat(take(queue, ann, 1).end()).isTrue();
    assertThat(worked.values()).containsExactly("b");
  }

  @Test
  void oneItemAtMostIsTakenAheadWhereAnotherMayHaveAHigherPriority() {
    String queue = queueOf(new Options(0, 0, 2, 0, 0), "a", "b");
    Wish many = Wish.now(10).with(Mode.AHEAD);
    assertThat(queues.take(queue, ann, many).get().values()).containsExactly("a");
    put(queue, 2, "high");
    assertThat(queues.take(queue, ann, many).get().values()).containsExactly("high");
    assertThat(take(queue, ann, 10).values()).containsExactly("b");
  }

  @Test
  void itemThatIsReturnedUnusedCountsAsNotTakenAndItsOldTokenProvesNothing() {
    String queue = queueOf(new Options(0, 0, 0, 1, 1), "a");
    List<String> old = List.of();
    for (int i = 0; i < 5; i++) {
      Taken taken = take(queue, bob, 1);
      assertThat(taken.attempts()).containsExactly(1);
      if (!old.isEmpty()) {
        queues.ack(queue, bob, old).assertRefused("LEASE_LOST");
      }
      old = taken.tokens();
      queues.release(queue, bob, old, Return.UNUSED, "").get();
    }
    assertThat(queues.state(queue).ready()).isEqualTo(1);
  }

  @Test
  void itemThatIsReleasedTooOftenIsADeadLetter() {
    String queue = queueOf(new Options(0, 0, 0, 0, 3), "a");
    for (int i = 1; i <= 3; i++) {
      Taken taken = take(queue, bob, 1);
      assertThat(taken.attempts()).containsExactly(i);
      queues.release(queue, bob, taken.tokens()).get();
    }
    assertThat(take(queue, bob, 1).timedOut()).isTrue();
    Seen dead = deadLetters(queue).get(0);
    assertThat(dead.death()).isEqualTo("RELEASES");
    assertThat(dead.releases()).isEqualTo(3);
  }

  @Test
  void itemMayBeReleasedWithoutLimitWhereTheQueueHasNone() {
    String queue = queueOf("a");
    for (int i = 1; i <= 50; i++) {
      queues.release(queue, bob, take(queue, bob, 1).tokens()).get();
    }
    assertThat(take(queue, bob, 1).attempts()).containsExactly(51);
  }

  @Test
  void itemThatIsGivenUpIsADeadLetterWithTheReason() {
    String queue = queueOf("a", "b");
    Taken both = take(queue, bob, 2);
    queues.release(queue, bob, both.tokens(), Return.GIVE_UP, "no such customer").get();
    assertThat(deadLetters(queue))
        .extracting(Seen::value, Seen::death, Seen::reason)
        .containsExactly(
            tuple("a", "GIVEN_UP", "no such customer"), tuple("b", "GIVEN_UP", "no such customer"));
    queues.ack(queue, bob, both.tokens()).assertRefused("LEASE_LOST");
  }

  @Test
  void reasonThatIsTooLongOrForItemsThatAreNotGivenUpIsRefusedAndNothingIsChanged() {
    String queue = queueOf("a");
    Taken taken = take(queue, bob, 1);
    queues
        .release(queue, bob, taken.tokens(), Return.RELEASE, "why")
        .assertRefused("INVALID_ARGUMENT");
    queues
        .release(queue, bob, taken.tokens(), Return.GIVE_UP, "x".repeat(4097))
        .assertRefused("INVALID_ARGUMENT");
    queues.ack(queue, bob, taken.tokens()).get();
  }

  @Test
  void restoredDeadLettersAreInTheirOldPlacesAsIfNobodyHadTakenThem() {
    String queue = queueOf("a", "b", "c", "d");
    Taken taken = take(queue, bob, 3);
    queues.release(queue, bob, taken.tokens(), Return.GIVE_UP, "").get();
    assertThat(queues.restore(queue, List.of(taken.numbers().get(1), 4711L)).get()).isEqualTo(1);
    assertThat(ready(queue, 9).values()).containsExactly("b", "d");
    assertThat(queues.restore(queue, List.of()).get()).isEqualTo(2);
    Taken again = take(queue, bob, 9);
    assertThat(again.values()).containsExactly("a", "b", "c", "d");
    assertThat(again.attempts()).containsExactly(1, 1, 1, 1);
    assertThat(deadLetters(queue)).isEmpty();
    assertThat(queues.drain(queue, ann, NOT_AT_ALL).get().died()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void deadLettersOfAClosedQueueStayDeadSoThatNoItemComesAfterTheEnd(boolean immediately) {
    String queue = queueOf("a");
    queues.release(queue, bob, take(queue, bob, 1).tokens(), Return.GIVE_UP, "").get();
    queues.close(queue, immediately);
    assertThat(take(queue, bob, 1).end()).isTrue();
    queues.restore(queue, List.of()).assertRefused("QUEUE_CLOSED");
    assertThat(take(queue, bob, 1).end()).isTrue();
    assertThat(deadLetters(queue)).extracting(Seen::value).containsExactly("a");
  }

  @Test
  void clearDropsWhatIsReadyAndNothingElse() {
    String queue = queueOf("dead", "leased", "a", "b");
    Taken two = take(queue, bob, 2);
    queues.release(queue, bob, two.tokens().subList(0, 1), Return.GIVE_UP, "").get();
    assertThat(queues.clear(queue, false)).isEqualTo(2);
    assertThat(queues.clear(queue, false)).isZero();
    assertThat(deadLetters(queue)).hasSize(1);
    queues.release(queue, bob, two.tokens().subList(1, 2)).get();
    assertThat(take(queue, bob, 9).values()).containsExactly("leased");
    assertThat(queues.clear(queue, true)).isEqualTo(1);
    assertThat(deadLetters(queue)).isEmpty();
  }

  @Test
  void clearMakesRoomForPutsThatWait() {
    String queue = queueOf(new Options(1, 0, 0, 0, 0), "a");
    Call<Void> waiting = queues.put(queue, ann, FOR_EVER, List.of("b"));
    awaitPutters(queue, 1);
    assertThat(queues.clear(queue, false)).isEqualTo(1);
    waiting.get();
    assertThat(take(queue, bob, 9).values()).containsExactly("b");
  }

  private void awaitPutters(String queue, int count) {
    await().atMost(TestDaemon.PATIENCE).until(() -> queues.state(queue).putters() == count);
  }

  @Test
  void whoLooksSeesWhatIsReadyInOrderAndTakesNothing() {
    String queue = queueOf(new Options(0, 0, 1, 0, 0), "a", "b", "c");
    put(queue, 1, "first");
    Taken taken = take(queue, bob, 2);
    assertThat(ready(queue, 9).values()).containsExactly("b", "c");
    queues.release(queue, bob, taken.tokens()).get();
    View all = ready(queue, 9);
    assertThat(all.values()).containsExactly("first", "a", "b", "c");
    assertThat(all.next()).isEmpty();
    assertThat(all.items()).extracting(Seen::attempts).containsExactly(1, 1, 0, 0);
    assertThat(all.items()).extracting(Seen::releases).containsExactly(1, 1, 0, 0);
    assertThat(all.items()).extracting(Seen::priority).containsExactly(1, 0, 0, 0);
    assertThat(queues.state(queue).ready()).isEqualTo(4);
    assertThat(queues.state(queue).leased()).isZero();
  }

  @Test
  void pagesShowEveryItemOnce() {
    String queue = queueOf(new Options(0, 0, 2, 0, 0), "f", "g", "h", "i");
    put(queue, 2, "a", "b", "c");
    put(queue, 1, "d", "e");
    queues.release(queue, bob, take(queue, bob, 6).tokens()).get();
    List<String> seen = new ArrayList<>();
    String next = "";
    int pages = 0;
    do {
      View page = queues.peek(queue, ann, 2, NOT_AT_ALL, false, next).get();
      seen.addAll(page.values());
      next = page.next();
      pages++;
    } while (!next.isEmpty());
    assertThat(seen).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i");
    assertThat(pages).isEqualTo(5);
    queues.peek(queue, ann, 2, NOT_AT_ALL, false, "no token").assertRefused("INVALID_ARGUMENT");
  }

  @Test
  void pagesShowEveryDeadLetterOnceInTheOrderOfTheirDeath() {
    String queue = queueOf("a", "b", "c");
    Taken taken = take(queue, bob, 3);
    for (int i : new int[] {2, 0, 1}) {
      queues.release(queue, bob, taken.tokens().subList(i, i + 1), Return.GIVE_UP, "").get();
    }
    View first = queues.peek(queue, ann, 2, NOT_AT_ALL, true, "").get();
    assertThat(first.values()).containsExactly("c", "a");
    View second = queues.peek(queue, ann, 2, NOT_AT_ALL, true, first.next()).get();
    assertThat(second.values()).containsExactly("b");
    assertThat(second.next()).isEmpty();
  }

  @Test
  void everyoneWhoWaitsToLookIsShownTheSameItem() {
    String queue = queueOf();
    List<Call<View>> views = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      views.add(queues.peek(queue, bob, 1, FOR_EVER, false, ""));
    }
    assertThat(queues.peek(queue, ann, 1, Duration.ofMillis(1), false, "").get().timedOut())
        .isTrue();
    Call<Taken> taker = queues.take(queue, bob, 1, FOR_EVER);
    await().atMost(TestDaemon.PATIENCE).until(() -> queues.state(queue).takers() == 1);
    queues.put(queue, ann, NOT_AT_ALL, List.of("a")).get();
    for (Call<View> view : views) {
      assertThat(view.get().values()).containsExactly("a");
    }
    assertThat(taker.get().values()).containsExactly("a");
  }

  @Test
  void whoLooksIntoAClosedQueueIsToldItsEndOnlyWhenNothingCanComeBack() {
    String queue = queueOf("a");
    Taken held = take(queue, bob, 1);
    Call<View> waiting = queues.peek(queue, ann, 1, FOR_EVER, false, "");
    queues.close(queue);
    assertThat(queues.peek(queue, ann, 1, NOT_AT_ALL, false, "").get().timedOut()).isTrue();
    queues.ack(queue, bob, held.tokens()).get();
    assertThat(waiting.get().end()).isTrue();
    assertThat(queues.peek(queue, ann, 1, FOR_EVER, false, "").get().end()).isTrue();
  }

  @Test
  void lookThatIsCancelledWhileItWaitsChangesNothing() {
    String queue = queueOf();
    queues.peek(queue, ann, 1, FOR_EVER, false, "").cancel();
    queues.put(queue, ann, NOT_AT_ALL, List.of("a")).get();
    assertThat(take(queue, bob, 1).values()).containsExactly("a");
  }

  @Test
  void itemCanBeTakenByItsNumberAndTheOthersKeepTheirOrder() {
    String queue = queueOf("a", "b", "c");
    long second = ready(queue, 9).items().get(1).number();
    Wish only = new Wish(1, second, FOR_EVER, null, Mode.WORK);
    Taken taken = queues.take(queue, bob, only).get();
    assertThat(taken.values()).containsExactly("b");
    assertThat(taken.numbers()).containsExactly(second);
    assertThat(queues.take(queue, ann, only).get().timedOut()).isTrue();
    queues.put(queue, ann, NOT_AT_ALL, List.of("d")).get();
    queues.release(queue, bob, taken.tokens()).get();
    assertThat(take(queue, bob, 9).values()).containsExactly("a", "b", "c", "d");
    queues
        .take(queue, bob, new Wish(1, -1, NOT_AT_ALL, null, Mode.WORK))
        .assertRefused("INVALID_ARGUMENT");
  }

  @Test
  void itemThatIsTakenForGoodIsDone() {
    String queue = queueOf("a");
    Taken taken = queues.take(queue, bob, Wish.now(1).with(Mode.AUTO_ACK)).get();
    assertThat(taken.values()).containsExactly("a");
    assertThat(taken.tokens()).containsExactly("");
    assertThat(queues.drain(queue, ann, NOT_AT_ALL).get()).isEqualTo(new Drained(false, 0, 0));
  }

  @Test
  void whoWaitsForTheEndOfAllItemsIsToldWhenTheLastOneIsDone() {
    String queue = queueOf("a", "b", "c");
    Call<Drained> waiting = queues.drain(queue, ann, FOR_EVER);
    Taken taken = take(queue, bob, 2);
    queues.ack(queue, bob, taken.tokens().subList(0, 1)).get();
    assertThat(queues.drain(queue, ann, NOT_AT_ALL).get()).isEqualTo(new Drained(true, 2, 0));
    queues.release(queue, bob, taken.tokens().subList(1, 2), Return.GIVE_UP, "").get();
    assertThat(waiting.isOver()).isFalse();
    assertThat(queues.clear(queue, false)).isEqualTo(1);
    assertThat(waiting.get()).isEqualTo(new Drained(false, 0, 1));
    assertThat(queues.drain(queue, ann, FOR_EVER).get()).isEqualTo(new Drained(false, 0, 1));
  }

  @Test
  void itemOfALostConsumerKeepsWhoWaitsForTheEndOfAllItemsWaiting() {
    String queue = queueOf("a");
    Call<Drained> waiting = queues.drain(queue, ann, FOR_EVER);
    lose(queue, Mode.WORK);
    assertThat(waiting.isOver()).isFalse();
    queues.ack(queue, bob, take(queue, bob, 1).tokens()).get();
    assertThat(waiting.get().unfinished()).isZero();
  }

  @Test
  void waitForTheEndOfAllItemsThatIsOutOfTimeTellsHowManyAreLeft() {
    String queue = queueOf("a", "b");
    Taken unused = take(queue, bob, 1);
    Drained drained = queues.drain(queue, ann, Duration.ofMillis(1)).get();
    assertThat(drained).isEqualTo(new Drained(true, 2, 0));
  }

  @Test
  void queueThatIsClosedAtOnceDropsWhatIsReadyAndWhatComesBack() {
    String queue = queueOf(new Options(3, 0, 0, 0, 0), "a", "b", "c");
    Taken held = take(queue, bob, 1);
    queues.put(queue, ann, NOT_AT_ALL, List.of("d")).get();
    Call<Void> waitingPut = queues.put(queue, ann, FOR_EVER, List.of("e"));
    awaitPutters(queue, 1);
    queues.close(queue, true);
    waitingPut.assertRefused("QUEUE_CLOSED");
    assertThat(queues.state(queue).ready()).isZero();
    Call<Taken> taker = queues.take(queue, ann, 1, FOR_EVER);
    queues.release(queue, bob, held.tokens()).get();
    assertThat(taker.get().end()).isTrue();
    assertThat(queues.drain(queue, ann, FOR_EVER).get()).isEqualTo(new Drained(false, 0, 0));
  }

  @Test
  void leaseThatIsLostCannotBeExtendedNorForLongerThanAnHour() {
    String queue = queueOf("a", "b");
    Taken taken = take(queue, bob, 2);
    List<String> first = taken.tokens().subList(0, 1);
    queues.ack(queue, bob, taken.tokens().subList(1, 2)).get();
    queues.extend(queue, bob, taken.tokens(), Duration.ofSeconds(1)).assertRefused("LEASE_LOST");
    for (Duration bad : List.of(Duration.ZERO, Duration.ofSeconds(3601))) {
      queues.extend(queue, bob, first, bad).assertRefused("INVALID_ARGUMENT");
    }
    queues.extend(queue, bob, first, Duration.ofHours(1)).get();
    queues.ack(queue, bob, first).get();
  }

  @Test
  void deleteEndsTheWaitsOfThoseWhoLookAndWhoWaitForTheEndOfAllItems() {
    String queue = queueOf("a");
    String empty = queueOf();
    Call<Drained> drain = queues.drain(queue, ann, FOR_EVER);
    Call<View> view = queues.peek(empty, ann, 1, FOR_EVER, false, "");
    assertThat(take(queue, ann, 1).values()).hasSize(1); // both have begun to wait before
    queues.delete(queue);
    queues.delete(empty);
    drain.assertRefused("QUEUE_NOT_FOUND");
    view.assertRefused("QUEUE_NOT_FOUND");
  }
}
