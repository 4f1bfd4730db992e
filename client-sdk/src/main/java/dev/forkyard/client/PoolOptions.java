package dev.forkyard.client;

import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.LocalDefaults;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.Use;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.Initializer;
import dev.forkyard.v1.JavaRuntime;
import dev.forkyard.v1.WorkerSpec;
import io.grpc.StatusRuntimeException;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a pool is made. Immutable: each method answers a changed copy, and refuses a value that makes
 * no sense with an {@link IllegalArgumentException}.
 *
 * <p>Where nothing else is said, the pool has as many workers as the machine has usable processors,
 * runs no call twice, sets no limit of time, and ends with the session of its creator. What its
 * functions print is {@linkplain ProcessPool kept with their workers}.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@link #maxTasksPerChild} counts calls, Python's counts chunks. A failing {@linkplain
 * #initializer initializer} fails the pool; in Python it is tried for ever.
 */
public final class PoolOptions {
  private static final int MOST_RETRIES = 100;

  /** What is asked for, without what the caller's own surroundings add. */
  private final CreatePoolRequest request;

  private final boolean detached;
  private final @Nullable Start start;

  private PoolOptions(CreatePoolRequest request, boolean detached, @Nullable Start start) {
    this.request = request;
    this.detached = detached;
    this.start = start;
  }

  /** The call with which a worker begins; encoded when the connection is known. */
  private interface Start {
    Initializer toMessage(Wire wire);
  }

  /** {@return a pool with as many workers as the machine has usable processors} */
  public static PoolOptions defaults() {
    return new PoolOptions(CreatePoolRequest.getDefaultInstance(), false, null);
  }

  /**
   * Sets how many workers there are.
   *
   * @param workers how many, 1 to 1000
   * @return the changed copy
   */
  public PoolOptions workers(int workers) {
    checkWorkers(workers);
    return with(changed -> changed.setWorkers(workers));
  }

  /**
   * Names the pool; without that the daemon chooses an id.
   *
   * @param id the name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @return the changed copy
   */
  public PoolOptions id(String id) {
    return with(changed -> changed.setPoolId(id));
  }

  /**
   * Has the pool live until it is closed or terminated, or the daemon ends; without that it ends
   * with the session of its creator.
   *
   * @return the changed copy
   */
  public PoolOptions detached() {
    return new PoolOptions(request, true, start);
  }

  /**
   * Labels the pool, to find it by.
   *
   * @param key its key, {@code [a-z0-9][a-z0-9._-]{0,62}}; at most 32 keys
   * @param value its value, at most 256 bytes of UTF-8
   * @return the changed copy
   */
  public PoolOptions label(String key, String value) {
    return with(changed -> changed.putLabels(key, value));
  }

  /**
   * Has calls run again whose worker died; without that no call is ever run twice. A death that the
   * pool ordered, because of another call, does not count.
   *
   * @param times how often at most, 0 to 100
   * @return the changed copy
   */
  public PoolOptions retryLost(int times) {
    check(
        times >= 0 && times <= MOST_RETRIES, "a call can be retried 0 to 100 times, not " + times);
    return with(changed -> changed.setRetryLost(times));
  }

  /**
   * Has every worker run a procedure before any call, such as to load a model. When it fails, the
   * worker ends; when workers fail so one after the other, the pool fails with the reason.
   *
   * @param procedure what to run; a result is thrown away
   * @return the changed copy
   * @throws IllegalArgumentException if that cannot run in another process
   */
  public PoolOptions initializer(RemoteProcedure0 procedure) {
    return withInitializer(procedure);
  }

  /**
   * Has every worker run a procedure of one argument before any call, as {@link
   * #initializer(RemoteProcedure0)} does.
   *
   * @param procedure what to run; a result is thrown away
   * @param first the first argument
   * @param <A> type of the first argument
   * @return the changed copy
   * @throws IllegalArgumentException if that cannot run in another process
   */
  public <A extends @Nullable Object> PoolOptions initializer(
      RemoteProcedure1<A> procedure, A first) {
    return withInitializer(procedure, first);
  }

  /**
   * Has every worker run a procedure of two arguments before any call, as {@link
   * #initializer(RemoteProcedure0)} does.
   *
   * @param procedure what to run; a result is thrown away
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @return the changed copy
   * @throws IllegalArgumentException if that cannot run in another process
   */
  public <A extends @Nullable Object, B extends @Nullable Object> PoolOptions initializer(
      RemoteProcedure2<A, B> procedure, A first, B second) {
    return withInitializer(procedure, first, second);
  }

  /**
   * Has every worker run a procedure of three arguments before any call, as {@link
   * #initializer(RemoteProcedure0)} does.
   *
   * @param procedure what to run; a result is thrown away
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @return the changed copy
   * @throws IllegalArgumentException if that cannot run in another process
   */
  public <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      PoolOptions initializer(RemoteProcedure3<A, B, C> procedure, A first, B second, C third) {
    return withInitializer(procedure, first, second, third);
  }

  /**
   * Has workers replaced after a number of calls; without that they live as long as the pool. The
   * next worker is started when the old one is given its last calls, and may be ready only after it
   * has left. Calls that were sent together are not torn.
   *
   * @param calls how many, at least 1
   * @return the changed copy
   */
  public PoolOptions maxTasksPerChild(int calls) {
    check(calls >= 1, "a worker has to run at least 1 call, not " + calls);
    return with(changed -> changed.setMaxCallsPerWorker(calls));
  }

  /**
   * Bounds how long one call may run. One that runs longer fails as TIMEOUT: its thread is
   * interrupted, and after the {@linkplain #cancelGrace grace} its worker is stopped.
   *
   * @param longest the longest time, more than zero
   * @return the changed copy
   */
  public PoolOptions callTimeout(Duration longest) {
    check(longest.compareTo(Duration.ZERO) > 0, "a call cannot run for " + longest);
    return with(changed -> changed.setCallTimeout(Protos.duration(longest)));
  }

  /**
   * Sets how long a call that was cancelled while it ran has to end, and its worker after TERM,
   * before the next harder step; without that 2 seconds.
   *
   * @param grace how long; zero for not at all
   * @return the changed copy
   */
  public PoolOptions cancelGrace(Duration grace) {
    check(!grace.isNegative(), "a grace cannot be " + grace);
    return with(changed -> changed.setCancelGrace(Protos.duration(grace)));
  }

  /**
   * Bounds how many calls wait in the pool. Whoever makes more waits, until there is room or the
   * thread is interrupted: where so many single calls, or calls of one map, have no outcome and
   * each worker can have 16 of them, or 16 chunks, ahead. Without that 100,000 may wait in the
   * pool, and a caller waits at 10,000 chunks.
   *
   * @param calls how many, at least 1
   * @return the changed copy
   */
  public PoolOptions maxQueued(int calls) {
    check(calls >= 1, "a pool needs room for at least 1 call, not " + calls);
    return with(changed -> changed.setMaxQueuedCalls(calls));
  }

  /**
   * Sets the flags of the workers' virtual machines, such as {@code -Xmx256m}.
   *
   * @param flags the flags
   * @return the changed copy
   */
  public PoolOptions jvmFlags(String... flags) {
    JavaRuntime java = JavaRuntime.newBuilder().addAllJvmFlags(List.of(flags)).build();
    return withWorker(changed -> changed.setJava(java));
  }

  /**
   * Sets a variable in the workers' environment, on top of the caller's.
   *
   * @param name its name
   * @param value its value
   * @return the changed copy
   */
  public PoolOptions env(String name, String value) {
    return env(Map.of(name, value));
  }

  /**
   * Sets variables in the workers' environment, on top of the caller's and of those set before.
   *
   * @param variables values by name
   * @return the changed copy
   */
  public PoolOptions env(Map<String, String> variables) {
    return withWorker(changed -> changed.putAllEnv(variables));
  }

  /**
   * Sets the workers' working directory; without that it is the caller's.
   *
   * @param directory the directory; a relative one starts from the caller's
   * @return the changed copy
   */
  public PoolOptions cwd(Path directory) {
    return withWorker(changed -> changed.setCwd(directory.toAbsolutePath().toString()));
  }

  CreatePoolRequest toRequest(Wire wire) {
    CreatePoolRequest.Builder complete =
        request.toBuilder().setWorker(completeWorker()).setRequestId(UUID.randomUUID().toString());
    if (!detached) {
      complete.setOwnerSessionId(wire.sessionId());
    }
    if (start != null) {
      complete.setInitializer(start.toMessage(wire));
    }
    return complete.build();
  }

  static void checkWorkers(int workers) {
    check(workers >= 1, "a pool needs at least 1 worker, not " + workers);
  }

  private WorkerSpec completeWorker() {
    WorkerSpec asked = request.getWorker();
    try {
      WorkerSpec complete =
          LocalDefaults.worker(asked.getJava().getJvmFlagsList(), asked.getEnvMap());
      return asked.getCwd().isEmpty()
          ? complete
          : complete.toBuilder().setCwd(asked.getCwd()).build();
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  private PoolOptions withInitializer(Serializable procedure, @Nullable Object... arguments) {
    FunctionReference reference = FunctionReference.of(procedure, Use.INITIALIZER);
    return new PoolOptions(
        request,
        detached,
        wire ->
            Initializer.newBuilder()
                .setFunction(Protos.function(reference))
                .setArguments(Values.encodeArguments(wire.codec(), arguments))
                .build());
  }

  private PoolOptions withWorker(Consumer<WorkerSpec.Builder> change) {
    return with(changed -> change.accept(changed.getWorkerBuilder()));
  }

  private PoolOptions with(Consumer<CreatePoolRequest.Builder> change) {
    CreatePoolRequest.Builder changed = request.toBuilder();
    change.accept(changed);
    return new PoolOptions(changed.build(), detached, start);
  }

  private static void check(boolean ok, String sentence) {
    if (!ok) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
