package dev.forkyard.server.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import dev.forkyard.server.testing.FakeScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeScheduler scheduler = new FakeScheduler();
  private final WaiterLimit limit = new WaiterLimit(3);
  private final Waiters<String> waiters = new Waiters<>(scheduler, limit);
  private final List<String> gaveUp = new ArrayList<>();

  private Wait park(String call, @Nullable Duration timeout) {
    return waiters.park(call, timeout, how -> gaveUp.add(call + " " + how));
  }

  private @Nullable String claim() {
    return waiters.claimFirstIf(any -> true);
  }

  @Test
  void callsAreClaimedInTheOrderInWhichTheyCame() {
    park("a", null);
    park("b", SECOND);
    park("c", null);
    assertThat(claim()).isEqualTo("a");
    assertThat(claim()).isEqualTo("b");
    assertThat(claim()).isEqualTo("c");
    assertThat(claim()).isNull();
  }

  @Test
  void firstThatDoesNotPassHoldsUpThoseBehindIt() {
    park("big", null);
    park("small", null);
    assertThat(waiters.claimFirstIf(call -> call.equals("small"))).isNull();
    assertThat(waiters.size()).isEqualTo(2);
  }

  @Test
  void allThatPassAreClaimedInOrderAndTheOthersStay() {
    park("a1", null);
    park("b", null);
    park("a2", null);
    assertThat(waiters.claimAllIf(call -> call.startsWith("a"))).containsExactly("a1", "a2");
    assertThat(claim()).isEqualTo("b");
  }

  @Test
  void timeThatIsOverEndsTheWaitOnce() {
    Wait wait = park("a", SECOND);
    scheduler.pass(SECOND.minusNanos(1));
    assertThat(gaveUp).isEmpty();
    scheduler.pass(Duration.ofNanos(1));
    assertThat(gaveUp).containsExactly("a " + GaveUp.TIMED_OUT);
    wait.cancel();
    assertThat(claim()).isNull();
    assertThat(gaveUp).hasSize(1);
  }

  @Test
  void cancelEndsTheWaitOnceAndTakesTheTimerAway() {
    Wait wait = park("a", SECOND);
    wait.cancel();
    wait.cancel();
    scheduler.pass(SECOND);
    assertThat(claim()).isNull();
    assertThat(gaveUp).containsExactly("a " + GaveUp.CANCELLED);
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void claimedCallNeitherTimesOutNorIsCancelled() {
    Wait wait = park("a", SECOND);
    assertThat(claim()).isEqualTo("a");
    assertThat(scheduler.pending()).isZero();
    wait.cancel();
    scheduler.pass(SECOND);
    assertThat(gaveUp).isEmpty();
  }

  @Test
  void beyondTheLimitNobodyIsParkedAndTheLimitIsNamed() {
    Waiters<String> others = new Waiters<>(scheduler, limit);
    park("a", null);
    park("b", null);
    others.park("c", null, how -> {});
    assertThatThrownBy(() -> park("d", null))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.reason()).isEqualTo(Reason.TOO_MANY_WAITERS);
              assertThat(fault.metadata()).containsEntry("limit", "3");
            });
    assertThat(waiters.size()).isEqualTo(2);
    assertThat(limit.waiting()).isEqualTo(3);
  }

  @Test
  void everyWayOutGivesTheRoomBack() {
    park("claimed", null);
    park("timed out", SECOND);
    Wait cancelled = park("cancelled", null);
    assertThat(claim()).isEqualTo("claimed");
    scheduler.pass(SECOND);
    cancelled.cancel();
    assertThat(limit.waiting()).isZero();
    park("one", null);
    park("another", null);
    waiters.claimAllIf(any -> true);
    assertThat(limit.waiting()).isZero();
    assertThat(waiters.isEmpty()).isTrue();
  }

  @Test
  void giveUpActionMayUseTheWaitersAgain() {
    park("behind", null);
    waiters.park("first", SECOND, how -> gaveUp.add("then " + claim()));
    scheduler.pass(SECOND);
    assertThat(gaveUp).containsExactly("then behind");
  }
}
