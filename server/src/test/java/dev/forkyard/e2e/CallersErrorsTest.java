package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolResults;
import dev.forkyard.client.ProcessPool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Virtual machine errors in the caller's own classes, while its arguments are encoded or its
 * results decoded: nobody waits for ever, and the pool can be used.
 */
@Timeout(120)
class CallersErrorsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final boolean IN_WORKER = System.getenv("FORKYARD_WORKER_TOKEN") != null;
  private static Forkyard yard;
  private static ProcessPool pool;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
    pool = yard.pools().create(PoolOptions.defaults().workers(1));
  }

  @AfterAll
  static void stop() {
    pool.close();
    yard.close();
  }

  @AfterEach
  void poolIsUsable() throws Exception {
    assertThat(pool.applyAsync(Tasks::square, 6).get(LONG)).isEqualTo(36);
    assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
  }

  enum Trouble {
    NO_MEMORY,
    DEEP_RECURSION;

    void happen() {
      switch (this) {
        case NO_MEMORY -> throw new OutOfMemoryError("of the caller");
        case DEEP_RECURSION -> happen();
      }
    }
  }

  /** Cannot be encoded by the caller. */
  static final class Unencodable {
    private final Trouble trouble;

    Unencodable(Trouble trouble) {
      this.trouble = trouble;
    }

    @JsonProperty("trouble")
    Trouble trouble() {
      trouble.happen();
      return trouble;
    }
  }

  /** Cannot be decoded by the caller. */
  static final class Undecodable {
    private final Trouble trouble;

    Undecodable(Trouble trouble) {
      this.trouble = trouble;
    }

    @JsonCreator
    static Undecodable decode(@JsonProperty("trouble") Trouble trouble) {
      if (!IN_WORKER) {
        trouble.happen();
      }
      return new Undecodable(trouble);
    }

    @JsonProperty("trouble")
    Trouble trouble() {
      return trouble;
    }
  }

  // run in workers

  static int take(Unencodable argument) {
    return argument.hashCode();
  }

  static Undecodable give(Trouble trouble) {
    return new Undecodable(trouble);
  }

  private static void assertEndsBadly(ThrowingCallable call) {
    assertThat(catchThrowable(call)).isNotNull().isNotInstanceOf(TimeoutException.class);
  }

  private static void assertEndsBadly(PoolResults<?> results) {
    try (results) {
      assertEndsBadly(() -> results.next(LONG));
    }
  }

  @ParameterizedTest
  @EnumSource
  void errorWhileAnArgumentIsEncodedReachesTheCaller(Trouble trouble) {
    Unencodable argument = new Unencodable(trouble);
    assertEndsBadly(() -> pool.apply(CallersErrorsTest::take, argument));
    assertEndsBadly(() -> pool.applyAsync(CallersErrorsTest::take, argument).get(LONG));
    assertEndsBadly(() -> pool.map(CallersErrorsTest::take, List.of(argument)));
    assertEndsBadly(() -> pool.mapAsync(CallersErrorsTest::take, List.of(argument)).get(LONG));
    assertEndsBadly(pool.imap(CallersErrorsTest::take, List.of(argument)));
  }

  @ParameterizedTest
  @EnumSource
  void errorWhileAResultIsDecodedReachesTheCaller(Trouble trouble) {
    assertEndsBadly(() -> pool.apply(CallersErrorsTest::give, trouble));
    assertEndsBadly(() -> pool.applyAsync(CallersErrorsTest::give, trouble).get(LONG));
    assertEndsBadly(() -> pool.map(CallersErrorsTest::give, List.of(trouble)));
    assertEndsBadly(() -> pool.mapAsync(CallersErrorsTest::give, List.of(trouble)).get(LONG));
    assertEndsBadly(pool.imap(CallersErrorsTest::give, List.of(trouble)));
  }
}
