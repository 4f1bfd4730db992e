package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.SystemInfo;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One private daemon for all tests of a class, and a connection for each test. After each, with its
 * connection closed, the daemon has no process, queue, pipe, call that waits or other session.
 * Register it with {@code @RegisterExtension} in a static field.
 */
final class PrivateYard
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  static final Duration LONG = Duration.ofSeconds(60);

  private @Nullable Forkyard daemon;
  private @Nullable Forkyard connection;

  /** The connection of this test. */
  Forkyard get() {
    return Objects.requireNonNull(connection, "it is opened before each test");
  }

  /** Another connection, which the test closes. */
  Forkyard connect() {
    return Forkyard.connect(get().address());
  }

  /** Waits until so many calls wait in the daemon. */
  void awaitWaitingCalls(int count) {
    await().atMost(LONG).until(() -> get().systemInfo().waitingCalls() == count);
  }

  @Override
  public void beforeAll(ExtensionContext tests) {
    daemon = Forkyard.startLocal();
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    connection = Forkyard.connect(Objects.requireNonNull(daemon).address());
  }

  @Override
  public void afterEach(ExtensionContext test) {
    get().close();
    Forkyard observer = Objects.requireNonNull(daemon);
    if (test.getExecutionException().isEmpty()) {
      await().atMost(LONG).untilAsserted(() -> assertNothingLeft(observer.systemInfo()));
    }
  }

  private static void assertNothingLeft(SystemInfo info) {
    assertThat(info.processes()).as("processes").isZero();
    assertThat(info.queues()).as("queues").isZero();
    assertThat(info.pipes()).as("pipes").isZero();
    assertThat(info.waitingCalls()).as("calls that wait").isZero();
    assertThat(info.sessions()).as("sessions").isEqualTo(1);
  }

  @Override
  public void afterAll(ExtensionContext tests) {
    if (daemon != null) {
      daemon.close();
    }
  }
}
