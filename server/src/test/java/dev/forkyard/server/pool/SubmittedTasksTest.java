package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pool.FakeWorkers.Json;
import dev.forkyard.server.pool.SubmittedTasks.Awaited;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.server.worker.WorkerRuntime;
import dev.forkyard.server.worker.WorkerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubmittedTasksTest {
  private static final TaskRetention.Limits LIMITS =
      new TaskRetention.Limits(3, 10_000, Duration.ofMinutes(10));

  private final FakeScheduler scheduler = new FakeScheduler();
  private final Sessions sessions = new Sessions(100);
  private final List<Slot> started = new ArrayList<>();
  private final List<Assignment> assigned = new ArrayList<>();
  private final List<String> cancelled = new ArrayList<>();
  private final List<String> said = new ArrayList<>();
  private final WaiterLimit limit = new WaiterLimit(1000);
  private final Handles handles = new Handles();
  private final SubmittedTasks.Context context =
      FakeWorkers.tasks(LIMITS, scheduler.clock(), scheduler, limit);
  private final WorkerPool pool = newPool();
  private final SubmittedTasks tasks = pool.tasks();

  private WorkerPool newPool() {
    WorkerSpec spec =
        new WorkerSpec(new WorkerRuntime.CommandRuntime(List.of("worker")), "", Map.of(), false);
    PoolOptions options =
        new PoolOptions(spec, 1, 0, null, 0, null, Duration.ofSeconds(2), 0, Map.of());
    return new WorkerPool(
        new WorkerPool.Identity("p", 1, ""),
        options,
        new PoolContext(
            new Starter(),
            handles,
            scheduler,
            limit,
            new ArgumentBudget(Long.MAX_VALUE),
            System::nanoTime,
            context));
  }

  private final class Starter implements PoolContext.WorkerStarter {
    @Override
    public void start(Slot slot) {
      started.add(slot);
    }

    @Override
    public void stop(String processId, Duration grace, ExitCause cause) {}
  }

  private Slot worker() {
    pool.open();
    Slot slot = started.get(started.size() - 1);
    slot.started(FakeWorkers.process("w"), sessions.open());
    slot.ready(
        new WorkerLink() {
          @Override
          public void assign(Assignment assignment) {
            assigned.add(assignment);
          }

          @Override
          public void cancel(int number, int index, boolean running) {
            cancelled.add(number + "." + index + " " + running);
          }

          @Override
          public void drain() {}

          @Override
          public void close() {}
        });
    return slot;
  }

  private static TaskSubmission calls(int count) {
    return new TaskSubmission(
        new FunctionName("f", ""), Collections.nCopies(count, new Json("[1]")));
  }

  private List<String> submit(int count) {
    List<String> ids = new ArrayList<>();
    tasks.submit(calls(count), null, reply(ids::addAll));
    return ids;
  }

  private interface Taker<A> {
    void take(A answer);
  }

  private <A> Reply<A> reply(Taker<A> taker) {
    return new Reply<>() {
      @Override
      public void answer(A answer) {
        taker.take(answer);
      }

      @Override
      public void refuse(Fault fault) {
        said.add(fault.reason().name());
      }

      @Override
      public void whenGone(Runnable action) {}
    };
  }

  private void await(List<String> ids, boolean any, @Nullable Duration timeout) {
    tasks.await(
        ids,
        any,
        timeout,
        reply(
            (Awaited answer) ->
                said.add(
                    answer.tasks().stream().map(TaskSnapshot::state).toList()
                        + (answer.timedOut() ? " timed out" : ""))));
  }

  private void succeed(Slot slot, int index, String json) {
    slot.results(new Results(assigned.get(index).number(), 0, 1, new Json(json)));
  }

  @Test
  void taskIsQueuedThenRunsThenHasItsResult() {
    List<String> ids = submit(2);
    assertThat(tasks.get(ids.get(0)).state()).isEqualTo(TaskState.QUEUED);
    Slot slot = worker();
    assertThat(((Json) assigned.get(0).arguments()).text()).isEqualTo("[[1]]");
    assertThat(tasks.get(ids.get(0)).state()).isEqualTo(TaskState.RUNNING);
    assertThat(tasks.get(ids.get(1)).state()).isEqualTo(TaskState.QUEUED);
    succeed(slot, 0, "[\"x\"]");
    TaskSnapshot ended = tasks.get(ids.get(0));
    assertThat(ended.state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(ended.result()).isEqualTo(new Json("\"x\""));
    assertThat(ended.endTime()).isEqualTo(scheduler.clock().instant());
    assertThat(tasks.get(ids.get(1)).state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void waitIsAnsweredWhenAllHaveEndedOrOneHasOrTheTimeIsOver() {
    Slot slot = worker();
    List<String> ids = submit(2);
    await(ids, false, null);
    await(ids, true, null);
    await(ids, false, Duration.ofSeconds(1));
    await(ids, false, Duration.ZERO);
    assertThat(said).containsExactly("[RUNNING, QUEUED] timed out");
    scheduler.pass(Duration.ofSeconds(1));
    assertThat(said).containsExactly("[RUNNING, QUEUED] timed out", "[RUNNING, QUEUED] timed out");
    said.clear();
    succeed(slot, 0, "[1]");
    assertThat(said).containsExactly("[SUCCEEDED, QUEUED]");
    succeed(slot, 1, "[1]");
    assertThat(said).containsExactly("[SUCCEEDED, QUEUED]", "[SUCCEEDED, SUCCEEDED]");
    await(ids, false, null);
    assertThat(said).hasSize(3);
    assertThat(limit.waiting()).isZero();
  }

  @Test
  void unknownTaskIsRefusedAndNothingWaitsOrIsCancelled() {
    List<String> ids = submit(1);
    List<String> wrong = List.of(ids.get(0), "t-no");
    assertThatThrownBy(() -> await(wrong, true, null)).hasMessageContaining("t-no");
    assertThatThrownBy(() -> tasks.cancel(wrong, true)).hasMessageContaining("t-no");
    assertThat(tasks.get(ids.get(0)).state()).isEqualTo(TaskState.QUEUED);
    assertThat(limit.waiting()).isZero();
  }

  @Test
  void cancelEndsWhatWaitsAtOnceAndAsksWhatRunsOnlyWhenItIsToldTo() {
    Slot slot = worker();
    List<String> ids = submit(2);
    assertThat(tasks.cancel(ids, false))
        .extracting(TaskSnapshot::state)
        .containsExactly(TaskState.RUNNING, TaskState.FAILED);
    Failure failure = tasks.get(ids.get(1)).failure();
    assertThat(failure).extracting(Failure::kind).isEqualTo(Failure.Kind.CANCELLED);
    assertThat(cancelled).noneMatch(cancel -> cancel.endsWith(" true"));
    tasks.cancel(ids, true);
    assertThat(cancelled).filteredOn(cancel -> cancel.endsWith(" true")).hasSize(1);
    succeed(slot, 0, "[1]");
    tasks.cancel(ids, true);
    assertThat(tasks.get(ids.get(0)).state()).isEqualTo(TaskState.SUCCEEDED);
  }

  @Test
  void outcomeIsForgottenAfterTenMinutes() {
    Slot slot = worker();
    String id = submit(1).get(0);
    succeed(slot, 0, "[1]");
    scheduler.pass(Duration.ofMinutes(9));
    assertThat(tasks.get(id).state()).isEqualTo(TaskState.SUCCEEDED);
    scheduler.pass(Duration.ofMinutes(1));
    assertThatThrownBy(() -> tasks.get(id)).hasMessageContaining(id);
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void oldestOutcomesAreForgottenWhenThereAreTooManyOrTooManyBytes() {
    Slot slot = worker();
    List<String> ids = submit(5);
    for (int i = 0; i < 4; i++) {
      succeed(slot, i, "[1]");
    }
    assertThat(tasks.list(0, "", any -> true).items())
        .extracting(TaskSnapshot::id)
        .containsExactlyElementsOf(ids.subList(1, 5));
    succeed(slot, 4, "[\"" + "x".repeat(9_000) + "\"]");
    assertThat(tasks.list(0, "", any -> true).items())
        .extracting(TaskSnapshot::id)
        .containsExactly(ids.get(4));
  }

  @Test
  void asManyAreForgottenAsAreTooManyWhenTwoEndTogether() {
    List<String> ids = submit(6);
    Json one = new Json("[1]");
    tasks.await(List.of(ids.get(3)), true, null, reply(woken -> tasks.results(5, 0, 1, one)));
    for (int number = 1; number <= 4; number++) {
      tasks.results(number, 0, 1, one);
    }
    assertThat(tasks.list(0, "", task -> task.endTime() != null).items())
        .extracting(TaskSnapshot::id)
        .containsExactlyElementsOf(ids.subList(2, 5));
  }

  @Test
  void taskThatAWorkerHadIsNeverQueuedAgain() {
    Slot slot = worker();
    String id = submit(1).get(0);
    assertThat(tasks.get(id).state()).isEqualTo(TaskState.RUNNING);
    slot.lost(new WorkerDeath("signal KILL", false, "", null));
    assertThat(pool.snapshot().counts().queued()).isEqualTo(1);
    assertThat(tasks.get(id).state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void whoWaitsForAnOutcomeThatIsForgottenIsRefused() {
    Slot slot = worker();
    List<String> ids = submit(5);
    await(List.of(ids.get(0), ids.get(4)), false, null);
    for (int i = 0; i < 4; i++) {
      succeed(slot, i, "[1]");
    }
    assertThat(said).containsExactly("TASK_NOT_FOUND");
    assertThat(limit.waiting()).isZero();
  }

  @Test
  void submissionWaitsForRoomInItsTurnAndIsRefusedWhenItsTimeIsOver() {
    for (int i = 0; i < 100; i++) {
      submit(1000);
    }
    List<String> first = submit(2);
    List<String> second = submit(1);
    tasks.submit(calls(1), Duration.ofSeconds(1), reply(ids -> said.add("let in")));
    tasks.submit(calls(1), Duration.ZERO, reply(ids -> said.add("let in")));
    assertThat(first).isEmpty();
    assertThat(said).containsExactly("POOL_FULL");
    scheduler.pass(Duration.ofSeconds(1));
    assertThat(said).containsExactly("POOL_FULL", "POOL_FULL");
    Slot slot = worker();
    assertThat(first).hasSize(2);
    assertThat(second).isEmpty();
    for (int i = 0; i < 2; i++) {
      succeed(slot, i, "[1]");
    }
    assertThat(second).hasSize(1);
  }

  @Test
  void submissionThatDoesNotWaitIsLetInAfterTheOneThatIsBeingLetIn() {
    List<String> second = new ArrayList<>();
    tasks.submit(
        calls(1),
        null,
        reply(first -> tasks.submit(calls(1), Duration.ZERO, reply(second::addAll))));
    assertThat(second).hasSize(1);
    assertThat(said).isEmpty();
  }

  @Test
  void submissionThatFailsKeepsNoOtherOut() {
    tasks.submit(
        calls(1),
        null,
        reply(
            ids -> {
              throw new IllegalStateException("a bug");
            }));
    assertThat(said).containsExactly("INTERNAL");
    assertThat(submit(1)).hasSize(1);
  }

  @Test
  void bytesThatWaitForRoomAreBounded() {
    for (int i = 0; i < 100; i++) {
      submit(1000);
    }
    Json large = new Json("x".repeat(20 << 20));
    TaskSubmission submission = new TaskSubmission(new FunctionName("f", ""), List.of(large));
    Recorded<List<String>> first = new Recorded<>();
    tasks.submit(submission, null, first);
    for (int i = 0; i < 2; i++) {
      tasks.submit(submission, null, reply(ids -> {}));
    }
    assertThatThrownBy(() -> tasks.submit(submission, null, reply(ids -> {})))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.reason()).isEqualTo(Reason.POOL_FULL));
    assertThat(limit.waiting()).isEqualTo(3);
    first.goAway();
    tasks.submit(submission, null, reply(ids -> {}));
    assertThat(limit.waiting()).isEqualTo(3);
  }

  @Test
  void moreThanThePoolLetsWaitIsRefused() {
    SubmittedTasks small = new SubmittedTasks(2, pool::newRun, new Handles(), context);
    assertThatThrownBy(() -> small.submit(calls(3), null, reply(ids -> {})))
        .hasMessageContaining("at most 2");
  }

  @Test
  void endOfThePoolEndsEveryTaskAndEveryWait() {
    Slot slot = worker();
    List<String> ids = submit(2);
    await(ids, false, null);
    pool.terminate();
    assertThat(said).containsExactly("[FAILED, FAILED]");
    tasks.submit(calls(1), null, reply(more -> said.add("let in")));
    assertThat(said).contains("POOL_CLOSED");
    slot.lost(new WorkerDeath("signal TERM", false, "", null));
    assertThat(tasks.get(ids.get(0)).failure()).isNotNull();
  }

  @Test
  void forgottenPoolForgetsItsTasksAndRefusesWhoWaits() {
    Slot slot = worker();
    List<String> ids = submit(2);
    succeed(slot, 0, "[1]");
    await(ids, false, null);
    pool.forgotten();
    assertThat(said).containsExactly("[SUCCEEDED, FAILED]");
    assertThat(limit.waiting()).isZero();
  }

  @Test
  void poolThatIsForgottenWhileATaskEndsIsNotKept() {
    List<String> ids = submit(1);
    tasks.await(ids, true, null, reply(woken -> pool.forgotten()));
    tasks.results(1, 0, 1, new Json("[1]"));
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void nobodyBeginsToWaitForTasksOfAForgottenPool() {
    List<String> ids = submit(1);
    pool.forgotten();
    assertThatThrownBy(() -> await(ids, false, null)).hasMessageContaining("There is no pool");
    assertThat(limit.waiting()).isZero();
  }

  @Test
  void batchIsLetInWholeWhileThereIsAnyRoom() {
    for (int i = 0; i < 99; i++) {
      submit(1000);
    }
    submit(999);
    assertThat(submit(1000)).hasSize(1000);
    assertThat(pool.snapshot().counts().queued()).isEqualTo(100_999);
    assertThat(submit(1)).isEmpty();
  }

  @Test
  void targetsOfAResultAreHeldUntilItsTaskIsForgotten() {
    List<String> notes = new ArrayList<>();
    handles.register(Handle.Kind.QUEUE, FakeWorkers.noting(notes));
    Slot worker = worker();
    List<String> ids = submit(4);
    for (int i = 1; i <= 4; i++) {
      Handle handle = new Handle(Handle.Kind.QUEUE, "q" + i, "");
      worker.results(new Results(i, 0, 1, new Json("[1]", List.of(handle))));
    }
    assertThat(notes).containsExactly("held q1", "held q2", "held q3", "held q4", "released q1");
    assertThatThrownBy(() -> tasks.get(ids.get(0))).isInstanceOf(Fault.class);
    notes.clear();
    pool.forgotten();
    assertThat(notes).containsExactly("released q2", "released q3", "released q4");
  }
}
