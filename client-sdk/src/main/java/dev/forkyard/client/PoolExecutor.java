package dev.forkyard.client;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A pool as an executor of the JDK. */
final class PoolExecutor extends AbstractExecutorService {
  private final ProcessPool pool;
  private final SingleCalls calls;

  /** In the order in which they were submitted. */
  private final Set<Task<?>> unfinished = Collections.synchronizedSet(new LinkedHashSet<>());

  PoolExecutor(ProcessPool pool, SingleCalls calls) {
    this.pool = pool;
    this.calls = calls;
  }

  @Override
  public void execute(Runnable command) {
    Task<?> task =
        command instanceof Task<?> own && own.isOf(this) ? own : new Task<>(command, null);
    try {
      boolean unused = send(task, Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RejectedExecutionException(
          "the thread was interrupted while the pool had no room; nothing was submitted", e);
    }
  }

  /** Sends a task; false if there is no room for it in time. */
  private static boolean send(Task<?> task, long nanos) throws InterruptedException {
    try {
      return task.send(nanos);
    } catch (IllegalArgumentException | ForkyardException e) {
      throw new RejectedExecutionException(e.getMessage(), e);
    }
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Callable<T> callable) {
    return new Task<>(callable);
  }

  @Override
  protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
    return new Task<>(runnable, value);
  }

  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    List<Task<T>> all = tasks.stream().map(callable -> new Task<T>(callable)).toList();
    boolean inTime = false;
    try {
      inTime = finish(all, unit.toNanos(timeout));
    } finally {
      if (!inTime) {
        all.forEach(task -> task.cancel(true));
      }
    }
    return new ArrayList<>(all);
  }

  /** Sends tasks and waits for them; false if they are not done in time. */
  private static <T extends @Nullable Object> boolean finish(List<Task<T>> tasks, long nanos)
      throws InterruptedException {
    long start = System.nanoTime();
    for (Task<T> task : tasks) {
      if (!send(task, nanos - (System.nanoTime() - start))) {
        return false;
      }
    }
    for (Task<T> task : tasks) {
      try {
        Object unused = task.get(nanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | CancellationException e) {
        // its future tells
      } catch (TimeoutException e) {
        return false;
      }
    }
    return true;
  }

  @Override
  public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try {
      return any(tasks, Long.MAX_VALUE);
    } catch (TimeoutException e) {
      throw new AssertionError("after 292 years", e);
    }
  }

  @Override
  public <T extends @Nullable Object> T invokeAny(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return any(tasks, unit.toNanos(timeout));
  }

  @Override
  public void shutdown() {
    pool.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    List<Task<?>> outstanding = List.copyOf(unfinished);
    if (!pool.endNow()) {
      return new ArrayList<>(); // some of them may have begun
    }
    return outstanding.stream()
        .filter(Task::hasNeverBegun)
        .map(Task::runnable)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  @Override
  public boolean isShutdown() {
    return pool.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    try {
      return isShutdown() && pool.awaitEnd(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long start = System.nanoTime();
    Duration most = Duration.ofNanos(unit.toNanos(timeout));
    return pool.awaitShutdown(most) && pool.awaitEnd(most.minusNanos(System.nanoTime() - start));
  }

  private <T extends @Nullable Object> T any(Collection<? extends Callable<T>> tasks, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("there is no task of which one could succeed");
    }
    long start = System.nanoTime();
    LinkedBlockingQueue<Task<T>> done = new LinkedBlockingQueue<>();
    List<Task<T>> all = new ArrayList<>();
    try {
      for (Callable<T> callable : tasks) {
        Task<T> task = new Task<>(callable);
        all.add(task);
        var unused = task.whenComplete((value, error) -> done.add(task));
        if (!send(task, nanos - (System.nanoTime() - start))) {
          break;
        }
      }
      ExecutionException last = null;
      for (int i = 0; i < all.size(); i++) {
        Task<T> next = done.poll(nanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
        if (next == null) {
          throw new TimeoutException("no task has succeeded in time");
        }
        try {
          return next.get();
        } catch (ExecutionException e) {
          last = e;
        } catch (CancellationException e) {
          last = new ExecutionException(e);
        }
      }
      throw last == null ? new ExecutionException("there was no task", null) : last;
    } finally {
      all.forEach(task -> task.cancel(true));
    }
  }

  /** A call that was or will be sent to the pool. */
  private final class Task<T extends @Nullable Object> extends CompletableFuture<T>
      implements RunnableFuture<T> {
    private final Object callable;
    private final Serializable function;
    private final @Nullable T value;
    private volatile @Nullable PoolFuture<?> call;

    Task(Callable<T> callable) {
      this.callable = callable;
      this.function = function(callable);
      this.value = null;
    }

    Task(Runnable runnable, @Nullable T value) {
      this.callable = runnable;
      this.function = function(runnable);
      this.value = value;
    }

    boolean isOf(PoolExecutor executor) {
      return executor == PoolExecutor.this;
    }

    boolean send(long nanos) throws InterruptedException {
      PoolFuture<T> sent = calls.submitWithin(nanos, function);
      if (sent == null) {
        return false;
      }
      call = sent;
      unfinished.add(this);
      sent.whenDone(this::resolve);
      if (isCancelled()) {
        sent.cancel(true);
      }
      return true;
    }

    private void resolve(PoolFuture<T> sent) {
      unfinished.remove(this);
      if (sent.failure().isPresent()) {
        completeExceptionally(sent.failure().get());
        return;
      }
      var unused = complete(resultOf(sent));
    }

    @SuppressWarnings("NullAway") // the result of a procedure is what its submitter has given
    private T resultOf(PoolFuture<T> sent) {
      return callable instanceof Callable<?> ? sent.toCompletableFuture().join() : value;
    }

    /** Does what its caller submitted; the pool never calls this. */
    @Override
    public void run() {
      if (!isDone()) {
        throw new IllegalStateException("this runs in a worker, not here");
      }
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      boolean cancelled = super.cancel(mayInterrupt);
      PoolFuture<?> sent = call;
      if (cancelled && sent != null) {
        sent.cancel(mayInterrupt);
      }
      return cancelled;
    }

    /** Waits until it is resolved, as it soon is when the pool has ended. */
    boolean hasNeverBegun() {
      boolean resolved = handle((result, error) -> true).join();
      PoolFuture<?> sent = call;
      return resolved
          && sent != null
          && sent.failure().orElse(null) instanceof TaskFailedException failure
          && failure.kind() == TaskFailedException.Kind.CANCELLED
          && failure.attempts() == 0;
    }

    Runnable runnable() {
      return callable instanceof Runnable runnable ? runnable : this;
    }

    private Serializable function(Object task) {
      Class<?> type = Objects.requireNonNull(task, "task").getClass();
      if (type.getClassLoader() == null) {
        throw new RejectedExecutionException(
            "the JDK has wrapped what was given to it in a "
                + type.getName()
                + ", which no worker can run; where it was CompletableFuture.supplyAsync, call"
                + " ProcessPool.applyAsync(Tasks::count).toCompletableFuture() instead");
      }
      if (task instanceof Serializable function) {
        return function;
      }
      throw new RejectedExecutionException(
          "a pool runs only references to methods, which are serialisable: cast what you submit,"
              + " such as (Callable<Long> & Serializable) Tasks::count, or call"
              + " ProcessPool.applyAsync(Tasks::count)");
    }
  }
}
