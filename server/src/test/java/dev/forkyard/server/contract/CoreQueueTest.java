package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.contract.QueueDriver.Mode;
import dev.forkyard.server.contract.QueueDriver.Wish;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.testing.FakeScheduler;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract without a transport, and what only a clock in the hand can show. */
class CoreQueueTest extends QueueContract {
  private final CoreQueueDriver core = new CoreQueueDriver();
  private final FakeScheduler scheduler = core.scheduler;
  private final WaiterLimit waiters = core.waiters;

  @Override
  QueueDriver driver() {
    return core;
  }

  private Call<QueueDriver.Taken> lease(String queue, int most, Duration lease) {
    return queues.take(queue, "", new Wish(most, 0, NOT_AT_ALL, lease, Mode.WORK));
  }

  @Test
  void leaseThatRunsOutGivesTheItemBackToItsOldPlace() {
    String queue = queues.create(0, 0);
    queues.put(queue, ann, FOR_EVER, List.of("a", "b", "c")).get();
    QueueDriver.Taken held = lease(queue, 2, Duration.ofSeconds(30)).get();
    queues.ack(queue, ann, List.of(held.tokens().get(1))).get();
    scheduler.pass(Duration.ofSeconds(30).minusNanos(1));
    assertThat(queues.state(queue).ready()).isEqualTo(1);
    scheduler.pass(Duration.ofNanos(1));
    queues.ack(queue, ann, List.of(held.tokens().get(0))).assertRefused("LEASE_LOST");
    QueueDriver.Taken again = lease(queue, 9, Duration.ofSeconds(30)).get();
    assertThat(again.values()).containsExactly("a", "c");
    assertThat(again.attempts()).containsExactly(2, 1);
  }

  @Test
  void oldLeaseThatRunsOutLeavesANewOneOfTheSameItemAlone() {
    String queue = queues.create(0, 0);
    queues.put(queue, ann, FOR_EVER, List.of("a")).get();
    QueueDriver.Taken first = lease(queue, 1, Duration.ofSeconds(30)).get();
    scheduler.pass(Duration.ofSeconds(20));
    queues.release(queue, ann, first.tokens()).get();
    QueueDriver.Taken second = lease(queue, 1, Duration.ofSeconds(30)).get();
    scheduler.pass(Duration.ofSeconds(20));
    assertThat(queues.state(queue).leased()).isEqualTo(1);
    queues.ack(queue, ann, second.tokens()).get();
    scheduler.pass(Duration.ofHours(1));
    assertThat(queues.state(queue).ready()).isZero();
  }

  @Test
  void acknowledgedLeasesLeaveNoTimerBehind() {
    String queue = queues.create(0, 0);
    queues.put(queue, ann, FOR_EVER, List.of("a", "b")).get();
    QueueDriver.Taken held = lease(queue, 2, Duration.ofHours(1)).get();
    queues.ack(queue, ann, List.of(held.tokens().get(0))).get();
    queues.release(queue, ann, List.of(held.tokens().get(1))).get();
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void everyWaitThatIsOverGivesItsRoomBack() {
    String queue = queues.create(1, 0);
    queues.take(queue, ann, 1, FOR_EVER).cancel();
    queues.take(queue, ann, 1, Duration.ofSeconds(1)).get();
    queues.put(queue, ann, FOR_EVER, List.of("a")).get();
    queues.put(queue, ann, FOR_EVER, List.of("b")).cancel();
    queues.put(queue, ann, Duration.ofSeconds(1), List.of("c")).assertRefused("QUEUE_FULL");
    queues.put(queue, ann, FOR_EVER, List.of("d"));
    assertThat(waiters.waiting()).isEqualTo(1);
    queues.delete(queue);
    assertThat(waiters.waiting()).isZero();
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void waitingCallsAreBounded() {
    String queue = queues.create(0, 0);
    for (int i = 0; i < waiters.most(); i++) {
      queues.take(queue, ann, 1, FOR_EVER);
    }
    queues.take(queue, ann, 1, FOR_EVER).assertRefused("TOO_MANY_WAITERS");
    assertThat(queues.state(queue).takers()).isEqualTo(waiters.most());
    assertThat(queues.take(queue, ann, 1, NOT_AT_ALL).get().timedOut()).isTrue();
  }

  @Test
  void callThatWaitsForASessionThatEndsIsRefused() {
    String session = queues.openSession();
    Call<QueueDriver.Taken> waiting = queues.take(queues.create(0, 0), session, 1, FOR_EVER);
    queues.endSession(session);
    waiting.assertRefused("SESSION_NOT_FOUND");
  }
}
