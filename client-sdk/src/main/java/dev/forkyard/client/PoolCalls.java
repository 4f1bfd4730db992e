package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import org.jspecify.annotations.Nullable;

/** The calls of a {@link ProcessPool} that are given one by one. */
@SuppressWarnings("overloads") // an exact method reference tells functions and procedures apart
abstract sealed class PoolCalls permits PoolMaps {
  private final SingleCalls calls;

  PoolCalls(SingleCalls calls) {
    this.calls = calls;
  }

  /**
   * Has a worker call a function of no argument, and waits for the result.
   *
   * @param function what to call
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public final <R extends @Nullable Object> R apply(RemoteFunction0<R> function)
      throws InterruptedException {
    return calls.run(function);
  }

  /**
   * Has a worker call a function of one argument, and waits for the result.
   *
   * @param function what to call
   * @param first the first argument
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, R extends @Nullable Object> R apply(
      RemoteFunction1<A, R> function, A first) throws InterruptedException {
    return calls.run(function, first);
  }

  /**
   * Has a worker call a function of two arguments, and waits for the result.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      R apply(RemoteFunction2<A, B, R> function, A first, B second) throws InterruptedException {
    return calls.run(function, first, second);
  }

  /**
   * Has a worker call a function of three arguments, and waits for the result.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      R apply(RemoteFunction3<A, B, C, R> function, A first, B second, C third)
          throws InterruptedException {
    return calls.run(function, first, second, third);
  }

  /**
   * Has a worker call a function of four arguments, and waits for the result.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      R apply(RemoteFunction4<A, B, C, D, R> function, A first, B second, C third, D fourth)
          throws InterruptedException {
    return calls.run(function, first, second, third, fourth);
  }

  /**
   * Has a worker call a procedure of no argument, and waits for its end.
   *
   * @param procedure what to call
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  public final void apply(RemoteProcedure0 procedure) throws InterruptedException {
    Object unused = calls.run(procedure);
  }

  /**
   * Has a worker call a procedure of one argument, and waits for its end.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param <A> type of the first argument
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  public final <A extends @Nullable Object> void apply(RemoteProcedure1<A> procedure, A first)
      throws InterruptedException {
    Object unused = calls.run(procedure, first);
  }

  /**
   * Has a worker call a procedure of two arguments, and waits for its end.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  public final <A extends @Nullable Object, B extends @Nullable Object> void apply(
      RemoteProcedure2<A, B> procedure, A first, B second) throws InterruptedException {
    Object unused = calls.run(procedure, first, second);
  }

  /**
   * Has a worker call a procedure of three arguments, and waits for its end.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  public final <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      void apply(RemoteProcedure3<A, B, C> procedure, A first, B second, C third)
          throws InterruptedException {
    Object unused = calls.run(procedure, first, second, third);
  }

  /**
   * Has a worker call a procedure of four arguments, and waits for its end.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @throws TaskFailedException if the call fails
   * @throws InterruptedException if interrupted; the call goes on
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object>
      void apply(RemoteProcedure4<A, B, C, D> procedure, A first, B second, C third, D fourth)
          throws InterruptedException {
    Object unused = calls.run(procedure, first, second, third, fourth);
  }

  /**
   * Has a worker call a function of no argument. Waits only while the pool takes no more.
   *
   * @param function what to call
   * @param <R> type of the result
   * @return the result to be
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public final <R extends @Nullable Object> PoolFuture<R> applyAsync(RemoteFunction0<R> function)
      throws InterruptedException {
    return calls.submit(function);
  }

  /**
   * Has a worker call a function of one argument. Waits only while the pool takes no more.
   *
   * @param function what to call
   * @param first the first argument
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the result to be
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public final <A extends @Nullable Object, R extends @Nullable Object> PoolFuture<R> applyAsync(
      RemoteFunction1<A, R> function, A first) throws InterruptedException {
    return calls.submit(function, first);
  }

  /**
   * Has a worker call a function of two arguments. Waits only while the pool takes no more.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the result to be
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      PoolFuture<R> applyAsync(RemoteFunction2<A, B, R> function, A first, B second)
          throws InterruptedException {
    return calls.submit(function, first, second);
  }

  /**
   * Has a worker call a function of three arguments. Waits only while the pool takes no more.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the result to be
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      PoolFuture<R> applyAsync(RemoteFunction3<A, B, C, R> function, A first, B second, C third)
          throws InterruptedException {
    return calls.submit(function, first, second, third);
  }

  /**
   * Has a worker call a function of four arguments. Waits only while the pool takes no more.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @param <R> type of the result
   * @return the result to be
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      PoolFuture<R> applyAsync(
          RemoteFunction4<A, B, C, D, R> function, A first, B second, C third, D fourth)
          throws InterruptedException {
    return calls.submit(function, first, second, third, fourth);
  }

  /**
   * Has a worker call a procedure of no argument. Waits only while the pool takes no more.
   *
   * @param procedure what to call
   * @return resolved with null when it has ended
   * @throws InterruptedException if interrupted; nothing was called then
   */
  @CanIgnoreReturnValue
  public final PoolFuture<@Nullable Void> applyAsync(RemoteProcedure0 procedure)
      throws InterruptedException {
    return calls.submit(procedure);
  }

  /**
   * Has a worker call a procedure of one argument. Waits only while the pool takes no more.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param <A> type of the first argument
   * @return resolved with null when it has ended
   * @throws InterruptedException if interrupted; nothing was called then
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object> PoolFuture<@Nullable Void> applyAsync(
      RemoteProcedure1<A> procedure, A first) throws InterruptedException {
    return calls.submit(procedure, first);
  }

  /**
   * Has a worker call a procedure of two arguments. Waits only while the pool takes no more.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @return resolved with null when it has ended
   * @throws InterruptedException if interrupted; nothing was called then
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, B extends @Nullable Object>
      PoolFuture<@Nullable Void> applyAsync(RemoteProcedure2<A, B> procedure, A first, B second)
          throws InterruptedException {
    return calls.submit(procedure, first, second);
  }

  /**
   * Has a worker call a procedure of three arguments. Waits only while the pool takes no more.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @return resolved with null when it has ended
   * @throws InterruptedException if interrupted; nothing was called then
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      PoolFuture<@Nullable Void> applyAsync(
          RemoteProcedure3<A, B, C> procedure, A first, B second, C third)
          throws InterruptedException {
    return calls.submit(procedure, first, second, third);
  }

  /**
   * Has a worker call a procedure of four arguments. Waits only while the pool takes no more.
   *
   * @param procedure what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @return resolved with null when it has ended
   * @throws InterruptedException if interrupted; nothing was called then
   */
  @CanIgnoreReturnValue
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object>
      PoolFuture<@Nullable Void> applyAsync(
          RemoteProcedure4<A, B, C, D> procedure, A first, B second, C third, D fourth)
          throws InterruptedException {
    return calls.submit(procedure, first, second, third, fourth);
  }
}
