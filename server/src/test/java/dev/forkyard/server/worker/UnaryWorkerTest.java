package dev.forkyard.server.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.worker.UnaryWorker.Polled;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnaryWorkerTest {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final List<String> told = new ArrayList<>();
  private final List<String> polled = new ArrayList<>();
  private Runnable duringResults = () -> {};

  private record Text(String text) implements Payload {
    @Override
    public int sizeBytes() {
      return text.length();
    }

    @Override
    public List<Handle> handles() {
      return List.of();
    }
  }

  private static final UnaryWorker.Splitting SPLITTING =
      new UnaryWorker.Splitting() {
        @Override
        public Iterator<Payload> calls(Assignment assignment) {
          return IntStream.range(assignment.first(), assignment.count())
              .mapToObj(index -> (Payload) new Text("arguments of " + index))
              .iterator();
        }

        @Override
        public Payload listOf(Payload result) {
          return result;
        }
      };

  private final WorkerListener listener =
      new WorkerListener() {
        @Override
        public void started(ProcessSnapshot process, Session session) {}

        @Override
        public void ready(WorkerLink link) {
          told.add("ready");
        }

        @Override
        public void results(Results results) {
          Runnable action = duringResults;
          duringResults = () -> {};
          action.run();
          told.add("result " + results.number() + "." + results.first());
        }

        @Override
        public void failed(int number, int index, Failure failure) {
          told.add(failure.kind() + " " + number + "." + index);
        }

        @Override
        public void disconnected() {}

        @Override
        public void lost(WorkerDeath death) {
          told.add("lost");
        }
      };

  private final UnaryWorker unary =
      new UnaryWorker(
          new Worker(
              "t",
              listener,
              new Worker.Life(
                  false,
                  id -> CompletableFuture.completedFuture(new WorkerRemains(null, null, "")),
                  worker -> {})),
          new UnaryWorker.Polling(SPLITTING, scheduler, new WaiterLimit(10)));

  private void poll() {
    unary.poll(
        Duration.ofSeconds(10),
        new Reply<>() {
          @Override
          public void answer(Polled answer) {
            var task = answer.task();
            polled.add(
                task != null
                    ? task.callId()
                    : answer.drain() ? "drain" : answer.timedOut() ? "timed out" : "?");
          }

          @Override
          public void refuse(Fault fault) {
            polled.add(fault.reason().name());
          }

          @Override
          public void whenGone(Runnable action) {}
        });
  }

  private void assign(int number, int first, int count) {
    unary.assign(
        new Assignment(number, new FunctionName("f", ""), first, count, new Text("all of them")));
  }

  @Test
  void pollThatWaitsGetsTheFirstCallOfAnAssignment() {
    poll();
    assign(1, 3, 5);
    assertThat(polled).containsExactly("1.3");
    assertThat(unary.running()).isEqualTo(new RunningCall(1, 3));
    unary.complete("1.3", new Text("x"));
    assertThat(unary.running()).isNull();
    poll();
    assertThat(polled).containsExactly("1.3", "1.4");
  }

  @Test
  void cancelledCallsAreSkippedAndAnsweredInTheirOrder() {
    assign(1, 0, 5);
    poll();
    unary.cancel(1, 2, false);
    unary.cancel(1, 1, true);
    unary.cancel(1, 0, true);
    unary.cancel(9, 3, true);
    assertThat(told).isEmpty();
    unary.complete("1.0", new Text("x"));
    assertThat(told).containsExactly("result 1.0", "CANCELLED 1.1", "CANCELLED 1.2");
    poll();
    assertThat(polled).containsExactly("1.0", "1.3");
  }

  @Test
  void assignmentThatIsCancelledWholeIsAnsweredWithoutAPoll() {
    assign(1, 0, 2);
    unary.cancel(1, WorkerLink.EVERY_CALL, true);
    assertThat(told).containsExactly("CANCELLED 1.0", "CANCELLED 1.1");
    assign(2, 0, 1);
    poll();
    assertThat(polled).containsExactly("2.0");
  }

  @Test
  void cancelThatComesWhileAResultIsBeingToldIsToldAfterIt() {
    assign(1, 0, 3);
    poll();
    duringResults = () -> unary.cancel(1, WorkerLink.EVERY_CALL, true);
    unary.complete("1.0", new Text("x"));
    assertThat(told).containsExactly("result 1.0", "CANCELLED 1.1", "CANCELLED 1.2");
  }

  @Test
  void drainIsToldAfterTheLastCallAndToAPollThatWaits() {
    assign(1, 0, 1);
    unary.drain();
    poll();
    unary.complete("1.0", new Text("x"));
    poll();
    assertThat(polled).containsExactly("1.0", "drain");
  }

  @Test
  void pollThatWaitsIsToldToDrain() {
    poll();
    unary.drain();
    assertThat(polled).containsExactly("drain");
  }

  @Test
  void pollEndsWhenItsTimeIsOverAndTheNextMayWait() {
    poll();
    assertThatThrownBy(this::poll).hasMessageContaining("a poll of this worker");
    scheduler.pass(Duration.ofSeconds(10));
    assertThat(polled).containsExactly("timed out");
    poll();
    assign(1, 0, 1);
    assertThat(polled).containsExactly("timed out", "1.0");
  }

  @Test
  void endOfTheProcessRefusesThePollThatWaitsAndEveryOther() {
    poll();
    unary.processEnded();
    assertThat(polled).containsExactly("WORKER_NOT_KNOWN");
    assertThatThrownBy(this::poll).hasMessageContaining("No worker has this token");
    assertThatThrownBy(() -> unary.complete("1.0", new Text("x")))
        .hasMessageContaining("No worker has this token");
  }

  @Test
  void cancelIsToldOnceToAWorkerThatMayNotRead() {
    AssignedCalls calls = new AssignedCalls();
    calls.assigned(new Assignment(1, new FunctionName("f", ""), 0, 2, new Text("")));
    assertThat(calls.isNewCancel(1, 0, false)).isTrue();
    assertThat(calls.isNewCancel(1, 0, false)).isFalse();
    assertThat(calls.isNewCancel(1, 0, true)).isTrue();
    assertThat(calls.isNewCancel(1, WorkerLink.EVERY_CALL, true)).isTrue();
    assertThat(calls.isNewCancel(1, WorkerLink.EVERY_CALL, true)).isFalse();
    assertThat(calls.isNewCancel(1, 7, true)).isFalse();
    assertThat(calls.isNewCancel(2, WorkerLink.EVERY_CALL, true)).isFalse();
    calls.answered(1, 0, 2);
    assertThat(calls.isNewCancel(1, 1, true)).isFalse();
  }
}
