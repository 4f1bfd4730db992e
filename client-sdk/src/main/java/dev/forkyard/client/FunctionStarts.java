package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** The starts of functions in processes of their own, as {@link Processes} has them. */
@SuppressWarnings("overloads") // an exact method reference tells functions and procedures apart
abstract sealed class FunctionStarts permits Processes {
  abstract <R extends @Nullable Object> FunctionProcess<R> startFunction(
      Serializable function, @Nullable Object... arguments);

  /**
   * Starts a process that runs a function of no argument.
   *
   * @param function what to run
   * @param <R> type of the result
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <R extends @Nullable Object> FunctionProcess<R> start(RemoteFunction0<R> function) {
    return startFunction(function);
  }

  /**
   * Starts a process that runs a function of one argument.
   *
   * @param function what to run
   * @param first the first argument
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, R extends @Nullable Object> FunctionProcess<R> start(
      RemoteFunction1<A, R> function, A first) {
    return startFunction(function, first);
  }

  /**
   * Starts a process that runs a function of two arguments.
   *
   * @param function what to run
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      FunctionProcess<R> start(RemoteFunction2<A, B, R> function, A first, B second) {
    return startFunction(function, first, second);
  }

  /**
   * Starts a process that runs a function of three arguments.
   *
   * @param function what to run
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      FunctionProcess<R> start(RemoteFunction3<A, B, C, R> function, A first, B second, C third) {
    return startFunction(function, first, second, third);
  }

  /**
   * Starts a process that runs a function of four arguments.
   *
   * @param function what to run
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @param <R> type of the result
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      FunctionProcess<R> start(
          RemoteFunction4<A, B, C, D, R> function, A first, B second, C third, D fourth) {
    return startFunction(function, first, second, third, fourth);
  }

  /**
   * Starts a process that runs a procedure of no argument.
   *
   * @param procedure what to run
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final FunctionProcess<@Nullable Void> start(RemoteProcedure0 procedure) {
    return startFunction(procedure);
  }

  /**
   * Starts a process that runs a procedure of one argument.
   *
   * @param procedure what to run
   * @param first the first argument
   * @param <A> type of the first argument
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object> FunctionProcess<@Nullable Void> start(
      RemoteProcedure1<A> procedure, A first) {
    return startFunction(procedure, first);
  }

  /**
   * Starts a process that runs a procedure of two arguments.
   *
   * @param procedure what to run
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, B extends @Nullable Object>
      FunctionProcess<@Nullable Void> start(RemoteProcedure2<A, B> procedure, A first, B second) {
    return startFunction(procedure, first, second);
  }

  /**
   * Starts a process that runs a procedure of three arguments.
   *
   * @param procedure what to run
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      FunctionProcess<@Nullable Void> start(
          RemoteProcedure3<A, B, C> procedure, A first, B second, C third) {
    return startFunction(procedure, first, second, third);
  }

  /**
   * Starts a process that runs a procedure of four arguments.
   *
   * @param procedure what to run
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @return the process, running
   * @throws IllegalArgumentException if that cannot run in another process
   * @throws ForkyardException if an argument cannot be encoded, or the process cannot be started
   */
  @CanIgnoreReturnValue
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object>
      FunctionProcess<@Nullable Void> start(
          RemoteProcedure4<A, B, C, D> procedure, A first, B second, C third, D fourth) {
    return startFunction(procedure, first, second, third, fourth);
  }
}
