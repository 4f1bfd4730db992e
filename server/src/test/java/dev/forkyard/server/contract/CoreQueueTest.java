package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.queue.PutRequest;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.QueueOptions;
import dev.forkyard.server.queue.QueueSnapshot;
import dev.forkyard.server.queue.ReleaseRequest;
import dev.forkyard.server.queue.TakeRequest;
import dev.forkyard.server.queue.Taken.TakenItem;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The contract without a transport, and what only a clock in the hand can show. */
class CoreQueueTest extends QueueContract {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final Sessions sessions = new Sessions(100);
  private final WaiterLimit waiters = new WaiterLimit(10);
  private final QueueManager manager =
      new QueueManager(100, new Handles(), Clock.systemUTC(), scheduler, waiters);

  @Override
  QueueDriver driver() {
    return new CoreDriver();
  }

  private final class CoreDriver implements QueueDriver {
    @Override
    public String create(int capacity, long capacityBytes) {
      return manager
          .create("", QueueOptions.of(capacity, capacityBytes, 0, 0, 0), new Owner(null))
          .id();
    }

    @Override
    public String openSession() {
      return sessions.open().id();
    }

    @Override
    public void endSession(String session) {
      sessions.end(sessions.get(session), Ending.CLOSED);
    }

    @Override
    public void endSessions() {
      sessions.endAll();
    }

    @Override
    public Call<Void> put(
        String queue, String session, @Nullable Duration timeout, List<String> values) {
      Call<Void> call =
          CoreCalls.<Done, Void>make(
              reply ->
                  manager.put(queue, PutRequest.of(Text.all(values), 0, Map.of(), timeout), reply),
              done -> CoreCalls.nothing());
      pass(timeout);
      return call;
    }

    @Override
    public Call<Taken> take(String queue, String session, int most, @Nullable Duration timeout) {
      TakeRequest request =
          new TakeRequest(
              most, 0, timeout, sessions.getIfNamed(session), null, TakeRequest.Mode.WORK);
      Call<Taken> call =
          CoreCalls.make(reply -> manager.take(queue, request, reply), CoreQueueTest::taken);
      pass(timeout);
      return call;
    }

    private void pass(@Nullable Duration timeout) {
      if (timeout != null) {
        scheduler.pass(timeout);
      }
    }

    @Override
    public Call<Void> ack(String queue, String session, List<String> tokens) {
      return CoreCalls.make(() -> manager.ack(queue, tokens));
    }

    @Override
    public Call<Void> release(String queue, String session, List<String> tokens) {
      return CoreCalls.make(
          () ->
              manager.release(queue, new ReleaseRequest(tokens, ReleaseRequest.Mode.RELEASE, "")));
    }

    @Override
    public void close(String queue) {
      manager.close(queue, false);
    }

    @Override
    public void delete(String queue) {
      manager.delete(queue);
    }

    @Override
    public State state(String queue) {
      QueueSnapshot state = manager.get(queue);
      return new State(
          state.counts().ready(),
          state.counts().leased(),
          state.waitingPutters(),
          state.waitingTakers(),
          state.closed());
    }
  }

  private static QueueDriver.Taken taken(dev.forkyard.server.queue.Taken taken) {
    return new QueueDriver.Taken(
        Text.values(taken.items().stream().map(TakenItem::payload).toList()),
        taken.items().stream().map(TakenItem::token).toList(),
        taken.items().stream().map(TakenItem::attempt).toList(),
        taken.timedOut(),
        taken.end());
  }

  private Call<QueueDriver.Taken> lease(String queue, int most, Duration lease) {
    TakeRequest request = new TakeRequest(most, 0, NOT_AT_ALL, null, lease, TakeRequest.Mode.WORK);
    return CoreCalls.make(reply -> manager.take(queue, request, reply), CoreQueueTest::taken);
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
