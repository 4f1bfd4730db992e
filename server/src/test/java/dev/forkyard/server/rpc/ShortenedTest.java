package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ShortenedTest {
  @Test
  void whatFitsStaysAsItIs() {
    assertThat(Shortened.to(3, "")).isEmpty();
    assertThat(Shortened.to(9, "a\u00e4\u20acxyz")).isEqualTo("a\u00e4\u20acxyz");
  }

  @Test
  void longerTextKeepsItsBeginningAndItsEnd() {
    assertThat(Shortened.to(9, "0123456789")).isEqualTo("012\u2026789");
    assertThat(Shortened.to(3, "0123456789")).isEqualTo("\u2026");
  }

  @Test
  void noCharacterIsCut() {
    String text = "\u00e4\ud83d\ude00".repeat(100);
    for (int most = 3; most < 50; most++) {
      String shortened = Shortened.to(most, text);
      assertThat(shortened.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(most);
      assertThat(shortened.replaceAll("\u00e4|\ud83d\ude00", "")).isEqualTo("\u2026");
    }
  }
}
