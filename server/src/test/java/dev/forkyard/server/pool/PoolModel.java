package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A pool, clients and workers that do whatever a seed makes them do, and what must be true of it
 * all: each call that was taken is answered exactly once, for a reason that was there.
 */
final class PoolModel {
  private static final int STEPS = 120;
  private static final Duration GRACE = Duration.ofSeconds(1);

  final Random random;
  final FakeWorkers workers = new FakeWorkers();
  private final PoolOptions options;
  private final WorkerPool pool;
  private final List<ModelRun> runs = new ArrayList<>();
  private final List<ModelWorker> crew = new ArrayList<>();
  private final List<String> history = new ArrayList<>();
  private int largest;
  private int held;
  private int released;
  private long accepted;
  boolean closed;
  boolean terminated;

  PoolModel(long seed) {
    this.random = new Random(seed);
    workers.handles.register(Handle.Kind.QUEUE, (handle, inside) -> new CountedHold());
    boolean prepares = chance(4);
    this.options =
        new PoolOptions(
            FakeWorkers.SPEC,
            1 + random.nextInt(3),
            random.nextInt(3),
            prepares ? chunk(-1, 0, 1) : null,
            chance(3) ? 1 + random.nextInt(6) : 0,
            chance(2) ? Duration.ofSeconds(3) : null,
            GRACE,
            1 + random.nextInt(10),
            Map.of());
    this.largest = options.workers();
    this.pool = workers.pool(options);
    pool.open();
    runs.add(new ModelRun(this, 0, pool));
  }

  private final class CountedHold implements Hold {
    private boolean gone;

    CountedHold() {
      held++;
    }

    @Override
    public void shareWith(Session session) {
      assertThat(gone).as("a hold that was released is shared").isFalse();
    }

    @Override
    public void release() {
      assertThat(gone).as("a hold is released twice").isFalse();
      gone = true;
      released++;
    }
  }

  /** Says whose calls it is about. */
  record Tag(int run, int chunk, int count) implements Payload {
    @Override
    public int sizeBytes() {
      return 100;
    }

    @Override
    public List<Handle> handles() {
      return List.of(new Handle(Handle.Kind.QUEUE, "q", ""));
    }
  }

  static ChunkRequest chunk(int run, int number, int count) {
    return new ChunkRequest(number, FakeWorkers.FUNCTION, count, new Tag(run, number, count));
  }

  boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  String history() {
    return history.subList(Math.max(0, history.size() - 60), history.size())
        + " with "
        + options
        + ": "
        + pool.snapshot();
  }

  void note(String what) {
    history.add(what);
  }

  int retryLost() {
    return options.retryLost();
  }

  Instant now() {
    return workers.scheduler.clock().instant();
  }

  PoolState state() {
    return pool.snapshot().state();
  }

  ModelRun run(int index) {
    return runs.get(index);
  }

  void live() {
    for (int i = 0; i < STEPS; i++) {
      step();
      check();
    }
  }

  private void step() {
    ModelRun run = runs.get(random.nextInt(runs.size()));
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> submit(run);
      case 4 -> run.cancelSome();
      case 5 -> run.pause();
      case 6 -> newRunAfter(run);
      case 7 -> resize();
      case 8, 9 -> pass(Duration.ofMillis(random.nextInt(2_500)));
      case 10 -> endSometimes();
      default -> work();
    }
  }

  private void work() {
    List<ModelWorker> living = living();
    if (!living.isEmpty()) {
      living.get(random.nextInt(living.size())).act();
    }
  }

  private List<ModelWorker> living() {
    while (crew.size() < workers.started.size()) {
      crew.add(new ModelWorker(this, workers.started.get(crew.size())));
    }
    return crew.stream().filter(worker -> !worker.dead).toList();
  }

  private void submit(ModelRun run) {
    int count = 1 + random.nextInt(4);
    try {
      if (run.submit(count)) {
        accepted += count;
      }
    } catch (Fault refused) {
      assertThat(refused.reason()).isEqualTo(Reason.POOL_CLOSED);
      assertThat(closed).isTrue();
    }
  }

  private void newRunAfter(ModelRun run) {
    if (chance(2)) {
      run.end();
    } else if (chance(2)) {
      run.goAway();
    }
    try {
      runs.add(new ModelRun(this, runs.size(), pool));
    } catch (Fault refused) {
      assertThat(refused.reason()).isEqualTo(Reason.POOL_CLOSED);
      assertThat(closed || terminated).isTrue();
    }
  }

  private void resize() {
    int size = 1 + random.nextInt(4);
    try {
      pool.resize(size);
      note("resize " + size);
      largest = Math.max(largest, size);
    } catch (Fault refused) {
      assertThat(refused.reason()).isEqualTo(Reason.POOL_CLOSED);
    }
  }

  private void pass(Duration time) {
    note("pass " + time);
    workers.scheduler.pass(time);
  }

  private void endSometimes() {
    if (chance(8)) {
      close();
    } else if (chance(16)) {
      note("terminate");
      terminated = true;
      pool.terminate();
    }
  }

  private void close() {
    note("close");
    closed = true;
    pool.close();
  }

  /** Everybody comes to an end. */
  void end() {
    for (ModelRun run : List.copyOf(runs)) {
      run.end();
    }
    close();
    for (int i = 0; i < 5_000 && !pool.end().isOver(); i++) {
      living().forEach(ModelWorker::finish);
      pass(Duration.ofSeconds(1));
      check();
    }
    assertThat(pool.end().isOver()).as("the pool ends").isTrue();
    assertThat(living()).isEmpty();
    pass(Duration.ofHours(1));
    runs.forEach(ModelRun::checkEnd);
    assertThat(released).as("holds").isEqualTo(held);
    assertThat(workers.scheduler.pending()).as("timers").isZero();
    PoolCounts counts = pool.snapshot().counts();
    assertThat(counts.queued() + counts.assigned()).isZero();
  }

  private void check() {
    PoolCounts counts = pool.snapshot().counts();
    assertThat(counts.queued()).isNotNegative();
    assertThat(counts.assigned()).isNotNegative();
    long atTheDoor = runs.stream().mapToLong(ModelRun::callsAtTheDoor).sum();
    assertThat(atTheDoor + counts.queued() + counts.assigned() + counts.done() + counts.failed())
        .as("%s at the door, %s", atTheDoor, counts)
        .isEqualTo(accepted);
    long busy = crew.stream().filter(worker -> !worker.dead && worker.hasWork()).count();
    assertThat(busy).as("workers that have work").isLessThanOrEqualTo(largest);
    if (options.maxCallsPerWorker() > 0) {
      crew.forEach(worker -> worker.checkCalls(options.maxCallsPerWorker()));
    }
  }

  /** What may be told of a call. */
  void checkFailure(ModelCall call, Failure failure) {
    switch (failure.kind()) {
      case TASK_ERROR -> assertThat(call.threw).isTrue();
      case WORKER_LOST -> {
        assertThat(call.cancelledRunning).as("blame for %s that was given up", call).isFalse();
        assertThat(call.unbegun == 3 || call.deaths == retryLost() + 1)
            .as("%s deaths in %s, and %s before it", call.deaths, call, call.unbegun)
            .isTrue();
        assertThat(failure.poison()).isEqualTo(retryLost() > 0 || call.deaths == 0);
        assertThat(failure.attempts()).isEqualTo(call.deaths + call.spared);
      }
      case TIMEOUT ->
          assertThat(call.ran)
              .as("how long %s ran", call)
              .isGreaterThanOrEqualTo(options.callTimeout());
      case CANCELLED -> assertThat(call.cancelled || terminated).as("cancel of %s", call).isTrue();
      case POOL_FAILED -> assertThat(state()).isEqualTo(PoolState.FAILED);
      default -> throw new AssertionError("nobody says " + failure.kind());
    }
  }

  /** One call that was taken. */
  static final class ModelCall {
    final String name;
    int outcomes;
    int deaths;

    /** How often its worker died when it was the next. */
    int unbegun;

    /** How often it ran when its worker ended that was stopped for another. */
    int spared;

    int begun;

    /** How long its last worker had it as the first when that worker answered it, or died. */
    Duration ran = Duration.ZERO;

    boolean threw;
    boolean cancelled;
    boolean cancelledRunning;

    ModelCall(String name) {
      this.name = name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<ModelCall> calls(String name, int count) {
    return IntStream.range(0, count).mapToObj(index -> new ModelCall(name + "." + index)).toList();
  }

  static Failure said(Kind kind) {
    return FakeWorkers.failure(kind);
  }
}
