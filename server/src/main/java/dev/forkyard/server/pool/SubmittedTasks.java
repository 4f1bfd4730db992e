package dev.forkyard.server.pool;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.worker.FunctionProcesses.Wrapping;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that were submitted to one pool, and their outcomes, which nobody is connected for.
 * Each is a chunk of one call in a run that lasts as long as the pool. Thread-safe, and no method
 * waits.
 */
public final class SubmittedTasks implements OutcomeSink {
  private static final Registry.Kind KIND =
      new Registry.Kind(
          "task", "t", Reason.TASK_NOT_FOUND, Reason.TASK_NOT_FOUND, Reason.POOL_FULL);

  private final int mostCalls;
  private final Handles handles;
  private final Context context;
  private final TaskRun run;
  private final TaskAdmission admission;
  private final Registry<SubmittedTask> tasks = new Registry<>(KIND, Integer.MAX_VALUE);
  private final Waiters<TaskWait> waits;
  private final Object lock = new Object();

  /** Those that have not ended, by the numbers of their chunks. */
  @GuardedBy("lock")
  private final Map<Integer, SubmittedTask> open = new HashMap<>();

  /** Those that have, in the order of their ends. */
  @GuardedBy("lock")
  private final LinkedHashSet<SubmittedTask> ended = new LinkedHashSet<>();

  @GuardedBy("lock")
  private int lastNumber;

  /** Why nothing is remembered any more; null while the pool can be found. */
  @GuardedBy("lock")
  private @Nullable Fault forgotten;

  /**
   * What the tasks of all pools share.
   *
   * @param retention remembers those that have ended
   * @param wrapping makes a list of one call of its arguments
   * @param limit bounds the calls that wait
   */
  public record Context(
      TaskRetention retention, Wrapping wrapping, Scheduler scheduler, WaiterLimit limit) {}

  /** Tasks, and whether the wait for them was over first. */
  public record Awaited(List<TaskSnapshot> tasks, boolean timedOut) {}

  /**
   * @param mostCalls that wait in the pool
   * @param runs begins to run calls
   */
  SubmittedTasks(
      int mostCalls, Function<OutcomeSink, TaskRun> runs, Handles handles, Context context) {
    this.mostCalls = mostCalls;
    this.handles = handles;
    this.context = context;
    this.run = runs.apply(this);
    this.admission = new TaskAdmission(run, this::accept, context.scheduler(), context.limit());
    this.waits = new Waiters<>(context.scheduler(), context.limit());
  }

  /**
   * Submits calls; answers the ids of their tasks when the pool has taken them.
   *
   * @param timeout how long to wait for room; null for ever
   * @throws Fault BATCH_TOO_LARGE, TOO_MANY_WAITERS
   */
  public void submit(
      TaskSubmission submission, @Nullable Duration timeout, Reply<List<String>> reply) {
    int calls = submission.arguments().size();
    if (calls > mostCalls) {
      throw new Fault(
              Reason.BATCH_TOO_LARGE,
              "The pool lets at most "
                  + mostCalls
                  + " calls wait, so "
                  + calls
                  + " can never be submitted together; submit fewer at a time.")
          .with("limit", mostCalls)
          .with("value", calls);
    }
    admission.enter(submission, timeout, reply);
  }

  private List<String> accept(TaskSubmission submission) {
    Instant now = context.retention().clock().instant();
    List<SubmittedTask> made = new ArrayList<>();
    List<ChunkRequest> chunks = new ArrayList<>();
    for (Payload arguments : submission.arguments()) {
      int number = nextNumber();
      made.add(tasks.create("", id -> new SubmittedTask(id, number, submission.function(), now)));
      Payload list = context.wrapping().oneCall(arguments);
      chunks.add(new ChunkRequest(number, submission.function(), 1, list));
    }
    synchronized (lock) {
      made.forEach(task -> open.put(task.number, task));
    }
    try {
      run.letIn(chunks);
    } catch (Fault refused) {
      made.forEach(this::takeOut);
      throw refused;
    }
    return made.stream().map(task -> task.id).toList();
  }

  private int nextNumber() {
    synchronized (lock) {
      return ++lastNumber;
    }
  }

  private void takeOut(SubmittedTask task) {
    tasks.remove(task.id, task);
    synchronized (lock) {
      open.remove(task.number, task);
      ended.remove(task);
    }
  }

  /**
   * @throws Fault TASK_NOT_FOUND
   */
  public TaskSnapshot get(String id) {
    return snapshot(find(id));
  }

  private SubmittedTask find(String id) {
    SubmittedTask task = tasks.find(id);
    if (task == null) {
      throw notFound(id);
    }
    return task;
  }

  private static Fault notFound(String id) {
    if (id.isEmpty()) {
      return Fault.invalid("task_id", "task_id is missing; name a task.");
    }
    return new Fault(
            Reason.TASK_NOT_FOUND,
            "There is no task \""
                + id
                + "\" in the pool, or not any more: an outcome is kept for 10 minutes, and less"
                + " while there are many.")
        .with("task_id", id);
  }

  /** Lists tasks that pass a filter, oldest first; pages are cut before it is asked. */
  public Registry.Page<TaskSnapshot> list(
      int pageSize, String pageToken, Predicate<TaskSnapshot> filter) {
    Registry.Page<SubmittedTask> page = tasks.page(pageSize, pageToken);
    List<TaskSnapshot> listed = page.items().stream().map(this::snapshot).filter(filter).toList();
    return new Registry.Page<>(listed, page.nextToken());
  }

  private TaskSnapshot snapshot(SubmittedTask task) {
    boolean isAssigned = run.isAssigned(task.number);
    synchronized (lock) {
      return task.snapshot(isAssigned);
    }
  }

  /**
   * Answers when tasks have ended, or the time is over.
   *
   * @param any whether the end of one is enough
   * @throws Fault TASK_NOT_FOUND, TOO_MANY_WAITERS
   */
  public void await(
      List<String> ids, boolean any, @Nullable Duration timeout, Reply<Awaited> reply) {
    List<SubmittedTask> named = ids.stream().map(this::find).toList();
    TaskWait wait = new TaskWait(named, any, reply.from(over -> awaited(named, false)));
    boolean over;
    Waiters.Wait parked = null;
    synchronized (lock) {
      if (forgotten != null) {
        throw forgotten;
      }
      over = wait.isOver();
      if (!over && !Timeouts.isZero(timeout)) {
        parked = waits.park(wait, timeout, how -> gaveUp(wait, how, reply));
        named.forEach(task -> task.waits.add(wait));
      }
    }
    if (parked == null) {
      reply.answer(awaited(named, !over));
    } else {
      reply.whenGone(parked::cancel);
    }
  }

  private Awaited awaited(List<SubmittedTask> named, boolean timedOut) {
    return new Awaited(named.stream().map(this::snapshot).toList(), timedOut);
  }

  private void gaveUp(TaskWait wait, GaveUp how, Reply<Awaited> reply) {
    synchronized (lock) {
      wait.tasks.forEach(task -> task.waits.remove(wait));
    }
    if (how == GaveUp.TIMED_OUT) {
      reply.answer(awaited(wait.tasks, true));
    }
  }

  /**
   * Gives up tasks that have not ended; answers how all of them are now.
   *
   * @param running also those that run
   * @throws Fault TASK_NOT_FOUND; nothing is cancelled then
   */
  public List<TaskSnapshot> cancel(List<String> ids, boolean running) {
    List<SubmittedTask> named = ids.stream().map(this::find).toList();
    named.forEach(task -> run.cancel(task.number, running));
    return named.stream().map(this::snapshot).toList();
  }

  @Override
  public void results(int chunk, int first, int count, Payload results) {
    Payload result = context.wrapping().onlyResult(results);
    Hold hold = handles.holdForResult(results.handles());
    if (!end(chunk, (task, now) -> task.succeed(result, hold, now))) {
      hold.release();
    }
  }

  @Override
  public void failure(int chunk, int index, Failure failure) {
    end(chunk, (task, now) -> task.fail(failure, now));
  }

  /** Answers whether there is such a task. */
  @CanIgnoreReturnValue
  private boolean end(int chunk, BiConsumer<SubmittedTask, Instant> ending) {
    SubmittedTask task;
    SubmittedTask tooMany = null;
    List<TaskWait> over;
    synchronized (lock) {
      task = open.remove(chunk);
      if (task == null || forgotten != null) {
        return false;
      }
      ending.accept(task, context.retention().clock().instant());
      ended.add(task);
      context.retention().add(task, task.bytes(), () -> forget(task));
      if (ended.size() > context.retention().limits().tasksOfAPool()) {
        tooMany = ended.iterator().next();
        ended.remove(tooMany);
        context.retention().remove(tooMany);
      }
      over = claim(task.waits, TaskWait::isOver);
    }
    over.forEach(wait -> wait.reply.answer(wait));
    context.retention().trim();
    if (tooMany != null) {
      forget(tooMany);
    }
    return true;
  }

  /** Ends waits that pass a test. */
  @GuardedBy("lock")
  private List<TaskWait> claim(Iterable<TaskWait> some, Predicate<TaskWait> test) {
    LinkedHashSet<TaskWait> wanted = new LinkedHashSet<>();
    some.forEach(
        wait -> {
          if (test.test(wait)) {
            wanted.add(wait);
          }
        });
    if (wanted.isEmpty()) {
      return List.of();
    }
    List<TaskWait> claimed = waits.claimAllIf(wanted::contains);
    claimed.forEach(wait -> wait.tasks.forEach(task -> task.waits.remove(wait)));
    return claimed;
  }

  private void forget(SubmittedTask task) {
    takeOut(task);
    List<TaskWait> without;
    synchronized (lock) {
      without = claim(List.copyOf(task.waits), wait -> true);
    }
    without.forEach(wait -> wait.reply.refuse(notFound(task.id)));
    task.hold().release();
  }

  @Override
  public void chunkDone() {}

  @Override
  public void finished() {}

  /**
   * The pool can be found no more: nor can its tasks.
   *
   * @param why for those who wait
   */
  void forgetAll(Fault why) {
    List<TaskWait> waiting;
    List<SubmittedTask> dropped;
    synchronized (lock) {
      forgotten = why;
      dropped = List.copyOf(ended);
      ended.forEach(context.retention()::remove);
      waiting = waits.claimAllIf(any -> true);
    }
    waiting.forEach(wait -> wait.reply.refuse(why));
    dropped.forEach(task -> task.hold().release());
  }
}
