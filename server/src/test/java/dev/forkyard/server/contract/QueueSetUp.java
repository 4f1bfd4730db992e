package dev.forkyard.server.contract;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two sessions for each test of a contract, whatever carries the calls. */
@SuppressWarnings("NullAway.Init")
abstract class QueueSetUp {
  static final @Nullable Duration FOR_EVER = null;
  static final Duration NOT_AT_ALL = Duration.ZERO;

  QueueDriver queues;
  String ann;
  String bob;

  abstract QueueDriver driver();

  @BeforeEach
  void openSessions() {
    queues = driver();
    ann = queues.openSession();
    bob = queues.openSession();
  }

  @AfterEach
  void endSessions() {
    queues.end();
  }
}
