package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.FunctionOptions;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.TaskFailedException;
import dev.forkyard.e2e.Trap.Deed;
import dev.forkyard.e2e.Trap.Moment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever goes wrong, and wherever: the caller gets the right kind of failure, and the pool can be
 * used.
 */
@Timeout(120)
class FailureMatrixTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static Forkyard yard;
  private static ProcessPool pool;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
    pool = yard.pools().create(PoolOptions.defaults().workers(1).jvmFlags("-Xmx48m"));
  }

  @AfterAll
  static void stop() {
    pool.close();
    yard.close();
  }

  static Stream<Arguments> inTheWorker() {
    return Stream.of(Moment.DECODING_THE_ARGUMENT, Moment.RUNNING, Moment.ENCODING_THE_RESULT)
        .flatMap(moment -> Arrays.stream(Deed.values()).map(deed -> Arguments.of(moment, deed)));
  }

  @ParameterizedTest
  @MethodSource("inTheWorker")
  void callInAPoolIsResolvedWithTheRightFailure(Moment moment, Deed deed) throws Exception {
    PoolFuture<Trap> trapped = pool.applyAsync(Trap::run, new Trap(moment, deed));
    PoolFuture<Integer> neighbour = pool.applyAsync(Tasks::square, 5);

    assertFailure(catchThrowable(() -> trapped.get(LONG)), moment, deed);
    assertThat(neighbour.get(LONG)).isEqualTo(25);
    assertThat(pool.applyAsync(Tasks::square, 6).get(LONG)).isEqualTo(36);
  }

  @ParameterizedTest
  @MethodSource("inTheWorker")
  void functionProcessIsResolvedWithTheRightFailure(Moment moment, Deed deed) throws Exception {
    FunctionProcess<Trap> process =
        yard.processes()
            .with(FunctionOptions.defaults().jvmFlags("-Xmx48m"))
            .start(Trap::run, new Trap(moment, deed));

    assertFailure(catchThrowable(() -> process.result(LONG)), moment, deed);
    assertFailure(catchThrowable(() -> process.resultAsync().get()).getCause(), moment, deed);
    var exit = process.join(LONG);
    switch (deed) {
      case EXITS -> assertThat(exit.code()).hasValue(3);
      case IS_KILLED -> assertThat(exit.signal()).hasValue("KILL");
      default -> {
        assertThat(exit.code()).hasValue(1);
        assertThat(process.stderr().readAll()).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Deed.class,
      names = {"THROWS", "THROWS_AN_ERROR"})
  void argumentThatCannotBeEncodedIsRefusedInTheCaller(Deed deed) throws Exception {
    Trap trap = new Trap(Moment.ENCODING_THE_ARGUMENT, deed);

    assertNotConvertible(catchThrowable(() -> pool.apply(Trap::run, trap)));
    assertNotConvertible(catchThrowable(() -> pool.applyAsync(Trap::run, trap)));
    assertNotConvertible(catchThrowable(() -> pool.map(Trap::run, List.of(trap))));
    assertNotConvertible(catchThrowable(() -> yard.processes().start(Trap::run, trap)));
    assertThat(pool.applyAsync(Tasks::square, 6).get(LONG)).isEqualTo(36);
  }

  @ParameterizedTest
  @EnumSource(
      value = Deed.class,
      names = {"THROWS", "THROWS_AN_ERROR"})
  void resultThatCannotBeDecodedIsRefusedInTheCaller(Deed deed) throws Exception {
    Trap trap = new Trap(Moment.DECODING_THE_RESULT, deed);
    PoolFuture<Trap> trapped = pool.applyAsync(Trap::run, trap);
    FunctionProcess<Trap> process = yard.processes().start(Trap::run, trap);

    assertNotConvertible(catchThrowable(() -> trapped.get(LONG)));
    assertNotConvertible(catchThrowable(() -> pool.apply(Trap::run, trap)));
    assertNotConvertible(catchThrowable(() -> pool.map(Trap::run, List.of(trap))));
    assertNotConvertible(catchThrowable(() -> process.result(LONG)));
    assertNotConvertible(catchThrowable(() -> process.resultAsync().get()).getCause());
    assertThat(process.join(LONG).success()).isTrue();
    assertThat(pool.applyAsync(Tasks::square, 6).get(LONG)).isEqualTo(36);
  }

  private static void assertFailure(@Nullable Throwable thrown, Moment moment, Deed deed) {
    assertThat(thrown)
        .isInstanceOfSatisfying(
            TaskFailedException.class, failure -> assertTold(failure, moment, deed));
  }

  private static void assertTold(TaskFailedException failure, Moment moment, Deed deed) {
    assertThat(failure.kind()).isEqualTo(kindOf(moment, deed));
    switch (deed) {
      case EXITS -> assertThat(failure.workerExit()).isEqualTo("exit code 3");
      case IS_KILLED -> assertThat(failure.workerExit()).isEqualTo("signal KILL");
      case RUNS_OUT_OF_MEMORY -> assertThat(told(failure)).contains("java.lang.OutOfMemoryError");
      case THROWS -> assertThat(told(failure)).contains("java.lang.IllegalStateException");
      case THROWS_AN_ERROR -> assertThat(told(failure)).contains("java.lang.LinkageError");
    }
  }

  private static List<String> told(TaskFailedException failure) {
    return Stream.concat(
            Stream.of(failure.remoteType()),
            failure.causes().stream().map(TaskFailedException.RemoteCause::type))
        .toList();
  }

  private static TaskFailedException.Kind kindOf(Moment moment, Deed deed) {
    if (deed == Deed.EXITS || deed == Deed.IS_KILLED) {
      return TaskFailedException.Kind.WORKER_LOST;
    }
    return switch (moment) {
      case DECODING_THE_ARGUMENT -> TaskFailedException.Kind.DECODE_ERROR;
      case ENCODING_THE_RESULT -> TaskFailedException.Kind.ENCODE_ERROR;
      default -> TaskFailedException.Kind.TASK_ERROR;
    };
  }

  private static void assertNotConvertible(@Nullable Throwable thrown) {
    assertThat(thrown)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("NOT_CONVERTIBLE"));
  }
}
