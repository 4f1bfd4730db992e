package dev.forkyard.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogsTest {
  private static String line(LogRecord event) {
    return new Logs.OneLine().format(event);
  }

  @Test
  void eventIsOneLineWhateverItContains() {
    LogRecord event = new LogRecord(Level.WARNING, "a\nb\r\u001b[31mred\0\u0085\u2028c\td");
    event.setThrown(new IllegalStateException("first\nsecond"));
    String line = line(event);
    assertThat(line).endsWith("\n");
    String text = line.substring(0, line.length() - 1);
    assertThat(text.chars().filter(c -> Character.isISOControl(c) || c == '\u2028')).isEmpty();
    assertThat(text).contains(" WARNING ").contains("red").contains("IllegalStateException");
  }

  @Test
  void ordinaryTextStaysAsItIs() {
    assertThat(line(new LogRecord(Level.INFO, "größer 😀 {0} 'x'")))
        .endsWith("INFO größer 😀 {0} 'x'\n");
  }
}
