package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.TimerThread;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pool.PoolContext.WorkerStarter;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** A pool with clients and workers that are threads. */
class PoolThreadsTest {
  private static final int CLIENTS = 3;
  private static final int CHUNKS = 3_000;
  private static final int CALLS = 3;

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final Sessions sessions = new Sessions(1_000_000);
  private final AtomicInteger workers = new AtomicInteger();
  private final Map<String, Worker> started = new ConcurrentHashMap<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean closing;

  @Test
  void everyCallHasOneOutcomeAndWorkersAreToldInOrder() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    try (TimerThread timer = new TimerThread()) {
      WorkerPool pool = pool(threads, timer);
      pool.end().listen(over::countDown);
      pool.open();
      CountDownLatch finished = new CountDownLatch(CLIENTS);
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client(pool, finished);
        threads.execute(client);
      }
      assertThat(finished.await(60, TimeUnit.SECONDS)).as("clients finish; %s", wrong).isTrue();
      closing = true;
      pool.close();
      assertThat(over.await(60, TimeUnit.SECONDS)).as("the pool ends; %s", wrong).isTrue();
      PoolCounts counts = pool.snapshot().counts();
      assertThat(counts.ended()).isEqualTo((long) CLIENTS * CHUNKS * CALLS);
      assertThat(wrong).isEmpty();
    } finally {
      threads.shutdownNow();
    }
  }

  private WorkerPool pool(ExecutorService threads, TimerThread timer) {
    WorkerStarter starter =
        new WorkerStarter() {
          @Override
          public void start(Slot slot) {
            Worker worker = new Worker(slot, "w" + workers.incrementAndGet());
            started.put(worker.id, worker);
            threads.execute(worker);
          }

          @Override
          public void stop(String processId, Duration grace, ExitCause cause) {
            if (!closing) {
              wrong.add(processId + " is stopped");
            }
            Objects.requireNonNull(started.get(processId)).drain(); // it was starting at the end
          }
        };
    WaiterLimit waiters = new WaiterLimit(10);
    Handles handles = new Handles();
    handles.register(Handle.Kind.QUEUE, (handle, inside) -> new SlowHold());
    return new WorkerPool(
        new WorkerPool.Identity("p", 1, ""),
        new PoolOptions(
            FakeWorkers.SPEC, 4, 1, null, 100, null, Duration.ofSeconds(60), 0, Map.of()),
        new PoolContext(
            starter,
            handles,
            timer,
            waiters,
            ArgumentBudget.ofThisMachine(),
            System::nanoTime,
            FakeWorkers.tasks(TaskRetention.Limits.DEFAULT, Clock.systemUTC(), timer, waiters)));
  }

  /** Lets others go first while a worker is told something. */
  private static final class SlowHold implements Hold {
    @Override
    public void shareWith(Session session) {
      boolean slow = ThreadLocalRandom.current().nextInt(50) == 0;
      for (int i = slow ? 100_000 : 0; i > 0; i--) {
        Thread.onSpinWait();
      }
    }

    @Override
    public void release() {}
  }

  /** Sends chunks, and gives up some of them. */
  private final class Client implements Runnable, OutcomeSink {
    private final AtomicIntegerArray outcomes = new AtomicIntegerArray(CHUNKS * CALLS);
    private final Random random = new Random(workers.get());
    private final CountDownLatch finished;
    private final TaskRun run;

    Client(WorkerPool pool, CountDownLatch finished) {
      this.finished = finished;
      this.run = pool.newRun(this);
    }

    @Override
    public void run() {
      for (int i = 0; i < CHUNKS; i++) {
        run.submit(PoolModel.chunk(0, i, CALLS));
        if (random.nextInt(10) == 0) {
          run.cancel(random.nextInt(i + 1), random.nextBoolean());
        }
      }
      run.noMoreChunks();
    }

    @Override
    public void results(int chunk, int first, int count, Payload results) {
      for (int i = first; i < first + count; i++) {
        outcome(chunk, i);
      }
    }

    @Override
    public void failure(int chunk, int index, Failure failure) {
      outcome(chunk, index);
    }

    private void outcome(int chunk, int index) {
      if (outcomes.incrementAndGet(chunk * CALLS + index) != 1) {
        wrong.add("two outcomes of " + chunk + "." + index);
      }
    }

    @Override
    public void chunkDone() {}

    @Override
    public void finished() {
      for (int i = 0; i < outcomes.length(); i++) {
        if (outcomes.get(i) != 1) {
          wrong.add(outcomes.get(i) + " outcomes of " + i);
        }
      }
      finished.countDown();
    }
  }

  /** Runs what it is told, and dies now and then. */
  private final class Worker implements Runnable, WorkerLink {
    private static final int DRAIN = Integer.MAX_VALUE;

    private final Slot slot;
    private final String id;
    private final LinkedBlockingQueue<Assignment> orders = new LinkedBlockingQueue<>();
    private final Random random = new Random(workers.get());
    private volatile int last;

    Worker(Slot slot, String id) {
      this.slot = slot;
      this.id = id;
    }

    @Override
    public void run() {
      slot.started(process(), sessions.open());
      slot.ready(this);
      try {
        Assignment next = orders.take();
        while (next.number() != DRAIN) {
          if (!carryOut(next)) {
            return;
          }
          next = orders.take();
        }
        slot.lost(new WorkerDeath("exit code 0", true, "", null));
      } catch (InterruptedException end) {
        Thread.currentThread().interrupt();
      }
    }

    private boolean carryOut(Assignment next) {
      for (int call = next.first(); call < next.count(); call++) {
        if (random.nextInt(500) == 0) {
          RunningCall running = new RunningCall(next.number(), call);
          slot.lost(new WorkerDeath("signal KILL", false, "", running));
          return false;
        }
        slot.results(new Results(next.number(), call, 1, new FakeWorkers.Json("[]")));
      }
      return true;
    }

    private ProcessSnapshot process() {
      return FakeWorkers.process(id);
    }

    @Override
    public void assign(Assignment assignment) {
      if (assignment.number() != last + 1) {
        wrong.add(id + " is told " + assignment.number() + " after " + last);
      }
      last = assignment.number();
      orders.add(assignment);
    }

    @Override
    public void cancel(int number, int index, boolean running) {
      if (number > last) {
        wrong.add(id + " is told to cancel " + number + " after " + last);
      }
    }

    @Override
    public void drain() {
      orders.add(new Assignment(DRAIN, FakeWorkers.FUNCTION, 0, 0, new FakeWorkers.Json("")));
    }

    @Override
    public void close() {}
  }
}
