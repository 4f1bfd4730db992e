package dev.forkyard.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalDefaultsTest {
  @Test
  void variablesOfTheDaemonAreLeftOutAndTheUsersStay() {
    Map<String, String> own =
        Map.ofEntries(
            Map.entry("FORKYARD_ADDRESS", "tls://a:1"),
            Map.entry("FORKYARD_TOKEN", "secret"),
            Map.entry("FORKYARD_TOKEN_FILE", "/secret"),
            Map.entry("FORKYARD_CA_FILE", "/ca"),
            Map.entry("FORKYARD_SESSION", "s"),
            Map.entry("FORKYARD_YARD", "y"),
            Map.entry("FORKYARD_WORKER_SOCKET", "/s"),
            Map.entry("FORKYARD_WORKER_TOKEN", "t"),
            Map.entry("FORKYARD_HOME", "/opt/forkyard"),
            Map.entry("FORKYARD_SESSIONS", "mine"),
            Map.entry("PATH", "/bin"));
    assertThat(LocalDefaults.env(own))
        .isEqualTo(
            Map.of(
                "FORKYARD_HOME", "/opt/forkyard",
                "FORKYARD_SESSIONS", "mine",
                "PATH", "/bin"));
  }
}
