package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pool.PoolContext.WorkerStarter;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Snapshots;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.FunctionProcesses;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.server.worker.WorkerRuntime;
import dev.forkyard.server.worker.WorkerSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Workers that do only what a test says, in time that passes only when a test says so. */
final class FakeWorkers implements WorkerStarter {
  static final WorkerSpec SPEC =
      new WorkerSpec(
          new WorkerRuntime.JavaRuntime("", List.of("/worker.jar"), List.of()),
          "",
          Map.of(),
          false);
  static final FunctionName FUNCTION = new FunctionName("a.B::c", "");

  final FakeScheduler scheduler = new FakeScheduler();
  final WaiterLimit waiters = new WaiterLimit(100);
  final ArgumentBudget arguments = new ArgumentBudget(256L << 20);
  final Handles handles = new Handles();
  final List<FakeWorker> started = new ArrayList<>();
  private final Sessions sessions = new Sessions(100_000);

  /** Options that a test cares about; the others are those of a plain pool. */
  static PoolOptions options(int workers, int retryLost) {
    return new PoolOptions(
        SPEC, workers, retryLost, null, 0, null, Duration.ofSeconds(2), 0, Map.of());
  }

  /** What submitted tasks need. */
  static SubmittedTasks.Context tasks(
      TaskRetention.Limits limits, Clock clock, Scheduler scheduler, WaiterLimit waiters) {
    return new SubmittedTasks.Context(
        new TaskRetention(limits, clock, scheduler), new Brackets(), scheduler, waiters);
  }

  /** A process that runs. */
  static ProcessSnapshot process(String id) {
    return Snapshots.process(id);
  }

  WorkerPool pool(PoolOptions options) {
    PoolContext context =
        new PoolContext(
            this,
            handles,
            scheduler,
            waiters,
            arguments,
            () -> Duration.between(Instant.EPOCH, scheduler.clock().instant()).toNanos(),
            tasks(TaskRetention.Limits.DEFAULT, scheduler.clock(), scheduler, waiters));
    return new WorkerPool(new WorkerPool.Identity("p", 1, ""), options, context);
  }

  /** A pool with its workers ready. */
  WorkerPool openPool(PoolOptions options) {
    WorkerPool pool = pool(options);
    pool.open();
    for (int i = 0; i < options.workers(); i++) {
      ready(i);
    }
    return pool;
  }

  FakeWorker ready(int index) {
    FakeWorker worker = started.get(index);
    worker.runs();
    worker.saysHello();
    return worker;
  }

  @Override
  public void start(Slot slot) {
    started.add(new FakeWorker(slot, "w" + started.size()));
  }

  @Override
  public void stop(String processId, Duration grace, ExitCause cause) {
    FakeWorker worker = started.get(Integer.parseInt(processId.substring(1)));
    assertThat(worker.stop).as("%s was stopped before", processId).isNull();
    worker.stop = cause;
  }

  /** Lists of one are text in brackets. */
  static final class Brackets implements FunctionProcesses.Wrapping {
    @Override
    public Payload oneCall(Payload arguments) {
      return new Json("[" + ((Json) arguments).text() + "]");
    }

    @Override
    public Payload onlyResult(Payload results) {
      String text = ((Json) results).text();
      return new Json(text.substring(1, text.length() - 1));
    }
  }

  record Json(String text, List<Handle> handles) implements Payload {
    Json(String text) {
      this(text, List.of());
    }

    @Override
    public int sizeBytes() {
      return text.length();
    }
  }

  /** What is done with the targets of handles. */
  static Handles.Resolver noting(List<String> notes) {
    return (handle, inside) -> {
      notes.add("held " + handle.id());
      return new Hold() {
        @Override
        public void shareWith(Session session) {
          notes.add("shared " + handle.id() + " with " + session.id());
        }

        @Override
        public void release() {
          notes.add("released " + handle.id());
        }

        @Override
        public void revoke() {
          notes.add("revoked " + handle.id());
        }
      };
    };
  }

  static ChunkRequest chunk(int number, int count) {
    String arguments = "[" + "[1],".repeat(count) + "]";
    return new ChunkRequest(number, FUNCTION, count, new Json(arguments));
  }

  static Failure failure(Kind kind) {
    return Failure.of(kind, "said by the worker");
  }

  /** One worker, by hand. */
  final class FakeWorker implements WorkerLink {
    final Slot slot;
    final String id;
    final List<String> orders = new ArrayList<>();
    final List<Assignment> assigned = new ArrayList<>();

    /** When each of them was assigned. */
    final List<Instant> assignedAt = new ArrayList<>();

    @Nullable ExitCause stop;

    /** Happens while the next chunk is assigned. */
    Runnable duringAssign = () -> {};

    FakeWorker(Slot slot, String id) {
      this.slot = slot;
      this.id = id;
    }

    void runs() {
      slot.started(process(id), sessions.open());
    }

    void saysHello() {
      slot.ready(this);
    }

    void returns(int number, int first, int count) {
      slot.results(new Results(number, first, count, new Json("[]")));
    }

    void fails(int number, int index, Kind kind) {
      slot.failed(number, index, failure(kind));
    }

    void disconnects() {
      slot.disconnected();
    }

    void dies() {
      slot.lost(new WorkerDeath("exit code 9", false, "last words", null));
    }

    void diesIn(int number, int index) {
      slot.lost(
          new WorkerDeath("signal KILL", false, "last words", new RunningCall(number, index)));
    }

    @Override
    public void assign(Assignment assignment) {
      assigned.add(assignment);
      assignedAt.add(scheduler.clock().instant());
      orders.add("assign " + assignment.number());
      Runnable action = duringAssign;
      duringAssign = () -> {};
      action.run();
    }

    @Override
    public void cancel(int number, int index, boolean running) {
      String calls = index == EVERY_CALL ? "*" : Integer.toString(index);
      orders.add("cancel " + number + " " + calls + (running ? " running" : ""));
    }

    @Override
    public void drain() {
      orders.add("drain");
    }

    @Override
    public void close() {}
  }
}
