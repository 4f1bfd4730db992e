package dev.forkyard.server.contract;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two sessions and a pipe for each test of a contract, whatever carries the calls. */
@SuppressWarnings("NullAway.Init")
abstract class PipeSetUp {
  static final @Nullable Duration FOR_EVER = null;
  static final Duration NOT_AT_ALL = Duration.ZERO;

  PipeDriver pipes;
  String ann;
  String bob;
  String pipe;

  abstract PipeDriver driver();

  @BeforeEach
  void openSessions() {
    pipes = driver();
    ann = pipes.openSession();
    bob = pipes.openSession();
    pipe = pipes.create(0);
  }

  @AfterEach
  void endSessions() {
    pipes.end();
  }
}
