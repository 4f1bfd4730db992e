package dev.forkyard.client;

import org.jspecify.annotations.Nullable;

/**
 * The arguments of one call of a {@code starmap}: {@code Args.of("a", 1)} for a function of a text
 * and a number.
 */
public final class Args {
  private Args() {}

  /**
   * Two arguments.
   *
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   */
  public record Two<A extends @Nullable Object, B extends @Nullable Object>(A first, B second) {
    @Nullable Object[] toArray() {
      return new @Nullable Object[] {first, second};
    }
  }

  /**
   * Three arguments.
   *
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   */
  public record Three<
      A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>(
      A first, B second, C third) {
    @Nullable Object[] toArray() {
      return new @Nullable Object[] {first, second, third};
    }
  }

  /**
   * Four arguments.
   *
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   */
  public record Four<
      A extends @Nullable Object,
      B extends @Nullable Object,
      C extends @Nullable Object,
      D extends @Nullable Object>(
      A first, B second, C third, D fourth) {
    @Nullable Object[] toArray() {
      return new @Nullable Object[] {first, second, third, fourth};
    }
  }

  /**
   * {@return two arguments}
   *
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   */
  public static <A extends @Nullable Object, B extends @Nullable Object> Two<A, B> of(
      A first, B second) {
    return new Two<>(first, second);
  }

  /**
   * {@return three arguments}
   *
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   */
  public static <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      Three<A, B, C> of(A first, B second, C third) {
    return new Three<>(first, second, third);
  }

  /**
   * {@return four arguments}
   *
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object>
      Four<A, B, C, D> of(A first, B second, C third, D fourth) {
    return new Four<>(first, second, third, fourth);
  }
}
