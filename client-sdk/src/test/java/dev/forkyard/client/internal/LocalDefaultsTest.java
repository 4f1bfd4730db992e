package dev.forkyard.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalDefaultsTest {
  @Test
  void variablesOfTheDaemonAreLeftOutAndTheUsersStay() {
    Map<String, String> own =
        Map.of(
            "FORKYARD_ADDRESS", "unix:/a",
            "FORKYARD_SESSION", "s",
            "FORKYARD_YARD", "y",
            "FORKYARD_WORKER_SOCKET", "/s",
            "FORKYARD_WORKER_TOKEN", "t",
            "FORKYARD_HOME", "/opt/forkyard",
            "FORKYARD_SESSIONS", "mine",
            "PATH", "/bin");
    assertThat(LocalDefaults.env(own))
        .isEqualTo(
            Map.of(
                "FORKYARD_HOME", "/opt/forkyard",
                "FORKYARD_SESSIONS", "mine",
                "PATH", "/bin"));
  }
}
