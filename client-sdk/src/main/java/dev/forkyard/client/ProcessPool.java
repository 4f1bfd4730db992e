package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.Use;
import dev.forkyard.v1.ClosePoolRequest;
import dev.forkyard.v1.DeletePoolRequest;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.ResizePoolRequest;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.WaitPoolRequest;
import dev.forkyard.v1.WaitPoolResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Worker processes that run calls. A worker that dies is replaced, and every call gets its result
 * or its failure. Thread-safe.
 *
 * <p>A function is given as a reference to a method; {@link RemoteFunction1} says which ones will
 * do, and others are refused with an {@link IllegalArgumentException} that says what to write.
 * Where the method has overloads, the compiler cannot tell a function from a procedure, and says
 * that the call is ambiguous: cast the reference to the interface that is meant, such as {@code
 * pool.apply((RemoteFunction1<Point, Point>) Points::mirror, point)}. It says so too where the
 * method has type parameters, which no worker could know: write one that spells them out. Every
 * method that makes calls throws a {@link ForkyardException} with reason POOL_CLOSED after {@link
 * #shutdown}, CONNECTION_LOST if the daemon is gone, NOT_CONVERTIBLE if an argument cannot be
 * encoded, also where its own class throws, and MESSAGE_TOO_LARGE if the arguments of one call have
 * more than about 4 MiB; it waits while the pool has as many calls as it {@linkplain
 * PoolOptions#maxQueued takes}, and an {@link InterruptedException} ends that wait: the call was
 * not made then. Arguments and results may be null.
 *
 * <p>A map sends its items to workers in chunks: where no size is given, of a quarter of each
 * worker's share, and one by one in a lazy map. A chunk whose arguments have more than 1 MiB is cut
 * in two, also where a size is given. A map that is not lazy reads all its items before it sends
 * the first, on the calling thread; what their iterator throws it throws too, and nothing is
 * called. A chunk size below 1 is refused with an {@link IllegalArgumentException}.
 *
 * <p>What a function prints goes to the output of its worker, not to the caller's terminal: {@link
 * #stats} has the process ids of the workers, and {@code yard.processes().get(id).stdout()} what
 * they have printed. A function asks {@code TaskContext.current().isCancelled()} whether its call
 * was given up; its thread is interrupted then too.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@link #shutdown} is Python's {@code close}, {@link #join()} waits, {@link #close} does both,
 * where Python's {@code with} terminates; {@link #terminate} ends the workers at once, and what was
 * not done fails as CANCELLED. A call whose worker dies fails as WORKER_LOST, or is run again if
 * the pool was made with {@code retryLost}; in Python it never ends. In a chunk only the call that
 * fails is affected. {@code map} throws the first failure in the order of the inputs, when all
 * calls are done. {@code apply_async} waits when the pool is full, so that no program fills the
 * memory.
 */
public final class ProcessPool extends PoolStarmaps implements AutoCloseable {
  private static final int TERMINATE_SECONDS = 10;

  /** Reasons why there is nothing left to wait for. */
  private static final Set<String> FORGOTTEN = Set.of("POOL_NOT_FOUND", "CLIENT_CLOSED");

  /** Reasons why there is nothing left to end. */
  private static final Set<String> GONE =
      Set.of("POOL_NOT_FOUND", "CLIENT_CLOSED", "CONNECTION_LOST", "DAEMON_STOPPING");

  private final Wire wire;
  private final String id;
  private final PoolStreams streams;

  ProcessPool(Wire wire, PoolInfo info) {
    this(wire, info, new PoolStreams(wire, info));
  }

  private ProcessPool(Wire wire, PoolInfo info, PoolStreams streams) {
    super(wire, streams);
    this.wire = wire;
    this.id = info.getPoolId();
    this.streams = streams;
  }

  /** {@return the id of the pool} */
  public String id() {
    return id;
  }

  @Override
  int size() {
    return streams.workers();
  }

  /**
   * {@return the state of the pool now} Asks the daemon.
   *
   * @throws ForkyardException with reason POOL_NOT_FOUND if the pool is forgotten
   */
  public PoolStats stats() {
    return PoolStats.of(
        wire.call(
                PoolServiceGrpc.getGetPoolMethod(),
                GetPoolRequest.newBuilder().setPoolId(id).build())
            .getPool());
  }

  /**
   * Changes the number of workers; does not wait for it. Workers that are too many finish what they
   * have.
   *
   * @param workers how many, 1 to 1000
   * @throws IllegalArgumentException if that is less than 1
   * @throws ForkyardException with reason TOO_MANY_WORKERS, POOL_CLOSED or POOL_NOT_FOUND
   */
  public void resize(int workers) {
    PoolOptions.checkWorkers(workers);
    streams.resized(
        wire.call(
                PoolServiceGrpc.getResizePoolMethod(),
                ResizePoolRequest.newBuilder().setPoolId(id).setWorkers(workers).build())
            .getPool());
  }

  /**
   * Follows the state of the pool: how it is now, then again when it has changed, at most once a
   * second.
   *
   * @return the watch; close it to end it
   */
  public PoolWatch watch() {
    return watch(Duration.ofSeconds(1));
  }

  /**
   * Follows the state of the pool: how it is now, then again when it has changed.
   *
   * @param interval least time between two states, 100 milliseconds to 1 hour
   * @return the watch; close it to end it
   * @throws IllegalArgumentException if the interval is shorter or longer
   */
  public PoolWatch watch(Duration interval) {
    return PoolWatch.open(wire, id, interval);
  }

  /**
   * Shows a bar on standard error that grows with the calls of the pool that end from now on. Where
   * that is no terminal, or one that is called dumb, it prints plain lines instead: the state now,
   * one every 5 seconds at most, and the last.
   *
   * <p>Needs {@code me.tongfei:progressbar} on the class path, which the SDK does not bring.
   *
   * @param task what is done, in a word or two
   * @param calls how many calls are expected
   * @return the bar; close it when the work is done
   * @throws ForkyardException with reason PROGRESS_BAR_MISSING if the library is missing
   */
  public PoolProgressBar progressBar(String task, long calls) {
    return PoolProgressBar.show(this, task, calls, null);
  }

  /**
   * Has a bar drawn that grows with the calls of the pool that end from now on.
   *
   * @param task what is done, in a word or two
   * @param calls how many calls are expected
   * @param screen gets the bar as a line of text, four times a second at most, on a thread of the
   *     SDK or on the one that closes the bar
   * @return the bar; close it when the work is done
   * @throws ForkyardException with reason PROGRESS_BAR_MISSING if {@code me.tongfei:progressbar} is
   *     not on the class path
   */
  public PoolProgressBar progressBar(String task, long calls, Consumer<String> screen) {
    return PoolProgressBar.show(this, task, calls, screen);
  }

  /**
   * {@return this pool for code that knows only executors} Only what is a reference to a method
   * without arguments can be submitted, cast to be serialisable: {@code (Callable<Long> &
   * Serializable) Tasks::count}. Everything else is refused with a {@link
   * java.util.concurrent.RejectedExecutionException} that says so, and so is everything after the
   * shutdown. Who submits waits while the pool is full, in {@code invokeAll} and {@code invokeAny}
   * no longer than the timeout that was given.
   *
   * <p>A future of it fails with the {@link ForkyardException} as cause; cancelling it cancels the
   * call. Shutting the view down shuts the pool down. {@code shutdownNow()} terminates the pool and
   * answers what was submitted by this view and never began: runnables as they were submitted,
   * callables as their futures, which are cancelled. It answers nothing where that is not known:
   * when the thread is interrupted, or the daemon is gone.
   */
  public ExecutorService asExecutorService() {
    return new PoolExecutor(this, new SingleCalls(wire, streams, Use.EXECUTOR));
  }

  /**
   * Refuses further calls; those that were accepted are finished, then the workers leave. Does not
   * wait for any of that, and throws nothing where the daemon is gone. A lazy map gives the results
   * of what it has sent and is refused after that. Doing it again changes nothing.
   *
   * <p>Other clients of the pool are refused from when the calls of this object are done.
   */
  public void shutdown() {
    if (!streams.isShutdown()) {
      streams.shutdown();
      var unused = streams.end().thenCompose(done -> closed()).exceptionally(refusal -> null);
    }
  }

  /** {@return whether it refuses further calls} */
  boolean isShutdown() {
    return streams.isShutdown();
  }

  /** Waits until somebody has shut the pool down here; false if nobody does in time. */
  boolean awaitShutdown(Duration timeout) throws InterruptedException {
    return streams.awaitShutdown(timeout);
  }

  /**
   * Waits until all calls are done and the workers have ended.
   *
   * @throws ForkyardException with reason JOIN_BEFORE_CLOSE before {@link #shutdown};
   *     CONNECTION_LOST if the daemon is gone
   * @throws InterruptedException if interrupted; the calls go on
   */
  public void join() throws InterruptedException {
    boolean unused = waitForEnd(Optional.empty());
  }

  /**
   * Waits until all calls are done and the workers have ended, no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return false if that is not so in time
   * @throws ForkyardException as {@link #join()}
   * @throws InterruptedException if interrupted; the calls go on
   */
  @CanIgnoreReturnValue
  public boolean join(Duration timeout) throws InterruptedException {
    return waitForEnd(Optional.of(timeout));
  }

  /**
   * Ends the workers at once; calls that are not done fail as CANCELLED. Waits until every call of
   * this object has its outcome, 10 seconds at most; its future is resolved right after that. The
   * daemon remembers the pool, for {@link #stats}. An interrupted thread does so too without
   * waiting, and stays interrupted.
   *
   * <p>A daemon that is gone has taken the workers with it: that is no error here, and the futures
   * are resolved as CONNECTION_LOST. Where only the connection is broken, the pool ends with its
   * session; a {@linkplain PoolOptions#detached detached} one lives on, and {@link #join()} tells.
   */
  public void terminate() {
    boolean unused = endNow();
  }

  /** Terminates the pool; false if the daemon has not told what became of every call. */
  boolean endNow() {
    streams.shutdown();
    try {
      wire.call(
          PoolServiceGrpc.getTerminatePoolMethod(),
          TerminatePoolRequest.newBuilder().setPoolId(id).build());
      if (streamsEnded(Optional.of(Duration.ofSeconds(TERMINATE_SECONDS)))) {
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ForkyardException e) {
      streams.cancel();
      throwUnlessIn(GONE, e);
    }
    streams.cancel();
    return false;
  }

  /**
   * Shuts the pool down, waits until all calls are done and the workers have ended, and has the
   * daemon forget it. The future of a call is resolved then or right after that. When interrupted,
   * it ends the workers at once and leaves the thread interrupted. A daemon that is gone is no
   * error here, as for {@link #terminate}. Closing again does nothing.
   */
  @Override
  public void close() {
    shutdown();
    try {
      join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      terminate();
    } catch (ForkyardException e) {
      throwUnlessIn(GONE, e);
    }
    try {
      wire.call(
          PoolServiceGrpc.getDeletePoolMethod(),
          DeletePoolRequest.newBuilder().setPoolId(id).build());
    } catch (ForkyardException e) {
      throwUnlessIn(GONE, e);
    }
  }

  @Override
  public String toString() {
    return "ProcessPool[" + id + "]";
  }

  /** Waits as {@link #join(Duration)}; a pool whose daemon is gone has ended. */
  boolean awaitEnd(Duration timeout) throws InterruptedException {
    try {
      return waitForEnd(Optional.of(timeout));
    } catch (ForkyardException e) {
      throwUnlessIn(GONE, e);
      return true;
    }
  }

  private boolean waitForEnd(Optional<Duration> timeout) throws InterruptedException {
    long start = System.nanoTime();
    if (!streamsEnded(timeout)) {
      return false;
    }
    try {
      Object unused = Wire.await(closed());
      WaitPoolRequest.Builder request = WaitPoolRequest.newBuilder().setPoolId(id);
      timeout.ifPresent(
          most -> request.setTimeout(Protos.duration(most.minusNanos(System.nanoTime() - start))));
      WaitPoolResponse ended =
          wire.callInterruptibly(PoolServiceGrpc.getWaitPoolMethod(), request.build());
      return !ended.getTimedOut();
    } catch (ForkyardException e) {
      throwUnlessIn(FORGOTTEN, e);
      return true;
    }
  }

  private boolean streamsEnded(Optional<Duration> timeout) throws InterruptedException {
    CompletableFuture<?> end = streams.end();
    try {
      Object unused =
          timeout.isPresent()
              ? end.get(TimeUnit.NANOSECONDS.convert(timeout.get()), TimeUnit.NANOSECONDS)
              : end.get();
      return true;
    } catch (ExecutionException e) {
      throw Errors.translate(e);
    } catch (TimeoutException e) {
      return false;
    }
  }

  /**
   * Has the daemon take no more calls; when those that were sent are done, so that none is lost.
   */
  private CompletableFuture<?> closed() {
    return wire.start(
        PoolServiceGrpc.getClosePoolMethod(), ClosePoolRequest.newBuilder().setPoolId(id).build());
  }

  private static void throwUnlessIn(Set<String> reasons, ForkyardException refusal) {
    if (!reasons.contains(refusal.reason())) {
      throw refusal;
    }
  }
}
