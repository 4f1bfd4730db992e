package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.v1.CreatePoolRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PoolOptionsTest {
  private static final int FEW = 7;

  static void load(String model, int size) {
    assertThat(model).hasSizeLessThan(size);
  }

  private static CreatePoolRequest sent(PoolOptions options) throws Exception {
    try (PoolYard pools = new PoolYard(1)) {
      ProcessPool unused = pools.yard.pools().create(options);
      return pools.fake.creations.get(0);
    }
  }

  private static void assertMakesNoSense(ThrowingCallable option) {
    assertThatThrownBy(option).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyOptionCrosses() throws Exception {
    CreatePoolRequest request =
        sent(
            PoolOptions.defaults()
                .workers(3)
                .id("p")
                .label("app", "shop")
                .retryLost(2)
                .initializer(PoolOptionsTest::load, "m", 9)
                .maxTasksPerChild(100)
                .callTimeout(Duration.ofSeconds(5))
                .cancelGrace(Duration.ofMillis(500))
                .maxQueued(1_000)
                .jvmFlags("-Xmx64m")
                .env("ONE", "1")
                .env(Map.of("TWO", "2"))
                .cwd(Path.of("/")));
    assertThat(request.getWorkers()).isEqualTo(3);
    assertThat(request.getPoolId()).isEqualTo("p");
    assertThat(request.getLabelsMap()).isEqualTo(Map.of("app", "shop"));
    assertThat(request.getRetryLost()).isEqualTo(2);
    assertThat(request.getInitializer().getFunction().getName())
        .isEqualTo(PoolOptionsTest.class.getName() + "::load");
    assertThat(request.getInitializer().getArguments().getJson()).isEqualTo("[\"m\",9]");
    assertThat(request.getMaxCallsPerWorker()).isEqualTo(100);
    assertThat(request.getCallTimeout().getSeconds()).isEqualTo(5);
    assertThat(request.getCancelGrace().getSeconds()).isZero();
    assertThat(request.getCancelGrace().getNanos()).isEqualTo(500_000_000);
    assertThat(request.getMaxQueuedCalls()).isEqualTo(1_000);
    assertThat(request.getWorker().getJava().getJvmFlagsList()).containsExactly("-Xmx64m");
    assertThat(request.getWorker().getEnvMap()).containsEntry("ONE", "1").containsEntry("TWO", "2");
    assertThat(request.getWorker().getCwd()).isEqualTo("/");
    assertThat(request.getOwnerSessionId()).isNotEmpty();
    assertThat(request.getRequestId()).isNotEmpty();
  }

  @Test
  void defaultsLeaveTheChoiceToTheDaemonAndEndWithTheSession() throws Exception {
    CreatePoolRequest request = sent(PoolOptions.defaults());
    assertThat(request.getWorkers()).isZero();
    assertThat(request.getPoolId()).isEmpty();
    assertThat(request.hasInitializer()).isFalse();
    assertThat(request.hasCallTimeout()).isFalse();
    assertThat(request.hasCancelGrace()).isFalse();
    assertThat(request.getWorker().getCwd()).isEqualTo(System.getProperty("user.dir"));
    assertThat(request.getOwnerSessionId()).isNotEmpty();
    assertThat(sent(PoolOptions.defaults().detached()).getOwnerSessionId()).isEmpty();
  }

  @Test
  void valuesThatMakeNoSenseAreRefusedAtOnce() {
    PoolOptions options = PoolOptions.defaults();
    assertMakesNoSense(() -> PoolOptions.defaults().workers(0));
    assertMakesNoSense(() -> options.retryLost(-1));
    assertMakesNoSense(() -> options.retryLost(101));
    assertMakesNoSense(() -> options.maxTasksPerChild(0));
    assertMakesNoSense(() -> options.callTimeout(Duration.ZERO));
    assertMakesNoSense(() -> options.cancelGrace(Duration.ofSeconds(-1)));
    assertMakesNoSense(() -> options.maxQueued(0));
  }

  @Test
  void initializerThatCannotRunElsewhereIsRefusedAtOnce() {
    String captured = String.valueOf(FEW);
    assertThatThrownBy(() -> PoolOptions.defaults().initializer(() -> load(captured, FEW)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("captures");
    assertMakesNoSense(
        () ->
            PoolOptions.defaults()
                .initializer(
                    new RemoteProcedure0() {
                      @Override
                      public void call() {}
                    }));
  }

  @Test
  void argumentOfTheInitializerThatCannotBeEncodedIsRefusedWithoutAPool() throws Exception {
    try (PoolYard pools = new PoolYard(1)) {
      PoolOptions options =
          PoolOptions.defaults().initializer(ProcessPoolTest::name, Thread.currentThread());
      assertThatThrownBy(() -> pools.yard.pools().create(options))
          .isInstanceOfSatisfying(
              ForkyardException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("NOT_CONVERTIBLE"));
      assertThat(pools.fake.creations).isEmpty();
    }
  }
}
