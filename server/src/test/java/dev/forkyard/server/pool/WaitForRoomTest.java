package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.pool.FakeWorkers.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of submissions that wait for room when the pool comes to an end. */
class WaitForRoomTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeWorkers workers = new FakeWorkers();
  private final WorkerPool pool =
      workers.pool(new PoolOptions(FakeWorkers.SPEC, 1, 0, null, 0, null, SECOND, 2, Map.of()));
  private final List<String> accepted = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();

  /** Two tasks fill the queue, and two submissions wait. */
  @BeforeEach
  void fill() {
    pool.open();
    submit(2, null);
    accepted.clear();
    submit(1, null);
    submit(1, Duration.ofHours(1));
    assertThat(accepted).isEmpty();
    assertThat(workers.waiters.waiting()).isEqualTo(2);
  }

  private void submit(int calls, @Nullable Duration timeout) {
    TaskSubmission submission =
        new TaskSubmission(FakeWorkers.FUNCTION, Collections.nCopies(calls, new Json("[1]")));
    pool.tasks().submit(submission, timeout, new Answers());
  }

  private final class Answers implements Reply<List<String>> {
    @Override
    public void answer(List<String> ids) {
      accepted.addAll(ids);
    }

    @Override
    public void refuse(Fault fault) {
      refused.add(fault.reason().name());
    }

    @Override
    public void whenGone(Runnable action) {}
  }

  private void assertRefused(String... reasons) {
    assertThat(refused).containsExactly(reasons);
    assertThat(workers.waiters.waiting()).isZero();
    workers.scheduler.pass(Duration.ofHours(2));
    assertThat(refused).as("nobody is answered twice").containsExactly(reasons);
  }

  @Test
  void whoWaitsIsRefusedWhenThePoolIsTerminated() {
    pool.terminate();
    assertRefused("POOL_CLOSED", "POOL_CLOSED");
    assertThat(accepted).isEmpty();
  }

  @Test
  void whoWaitsIsRefusedWhenThePoolIsForgotten() {
    pool.forgotten();
    assertRefused("POOL_CLOSED", "POOL_CLOSED");
    assertThat(accepted).isEmpty();
  }

  @Test
  void tasksOfWhoWaitsFailWithThePool() {
    for (int i = 0; i < 3; i++) {
      workers.started.get(i).dies();
      workers.scheduler.pass(SECOND);
    }
    assertThat(accepted).hasSize(2);
    for (String id : accepted) {
      assertThat(pool.tasks().get(id).failure())
          .extracting(Failure::kind)
          .isEqualTo(Failure.Kind.POOL_FAILED);
    }
    assertRefused();
  }

  @Test
  void whoWaitsIsRefusedWhenThePoolIsClosedAndHasRoom() {
    pool.close();
    assertThat(refused).isEmpty();
    workers.ready(0);
    assertRefused("POOL_CLOSED", "POOL_CLOSED");
    assertThat(accepted).isEmpty();
  }
}
