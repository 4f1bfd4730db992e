package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerTest {
  private static final String MARKER = "ledger-test";
  private final Path file;

  LedgerTest(@TempDir Path directory) {
    file = directory.resolve("ledger");
  }

  private LedgerEntries entries() throws IOException {
    return LedgerEntries.read(file).orElseThrow();
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  @Test
  void itSaysWhoseItIsAndWhichGroupsThereAre() throws IOException {
    try (Ledger ledger = Ledger.begin(file, MARKER)) {
      assertThat(entries()).isEqualTo(new LedgerEntries(MARKER, ProcFs.bootId(), Map.of()));
      ledger.record(11, 1100);
      ledger.record(12, 1200);
      ledger.record(12, 1201);
      assertThat(entries().groups()).isEqualTo(Map.of(11, 1100L, 12, 1201L));
    }
    assertThat(Platform.ownership(file).mode()).isEqualTo(0600);
  }

  @Test
  void aTornLastLineAndLinesThatAreNoneAreIgnored() throws IOException {
    try (Ledger ledger = Ledger.begin(file, MARKER)) {
      ledger.record(11, 1100);
    }
    append("+ 0 5\n+ 99999999999999999999 5\n+ -1 5\n+ 13\nwhat?\n\u0000\n+ 14 1400\n+ 15 15");
    assertThat(entries().groups()).isEqualTo(Map.of(11, 1100L, 14, 1400L));
  }

  @Test
  void itStaysSmallHoweverManyGroupsThereWere() throws IOException {
    try (Ledger ledger = Ledger.begin(file, MARKER)) {
      ledger.record(7, 700);
      for (int group = 100; group < 100 + 3 * Ledger.SPARE_LINES; group++) {
        ledger.record(group, group);
        ledger.strike(group);
      }
      assertThat(Files.readAllLines(file)).hasSizeLessThan(Ledger.SPARE_LINES + 10);
      ledger.record(8, 800);
      assertThat(entries().groups()).containsEntry(7, 700L).containsEntry(8, 800L);
      assertThat(file.resolveSibling("ledger.next")).doesNotExist();
    }
  }

  @Test
  void aLinkInItsPlaceIsReplacedAndNotFollowed() throws IOException {
    Path precious = Files.writeString(file.resolveSibling("precious"), "precious");
    Files.createSymbolicLink(file, precious);
    Files.createSymbolicLink(file.resolveSibling("ledger.next"), precious);
    assertThatThrownBy(this::entries).isInstanceOf(IOException.class);
    Ledger.begin(file, MARKER).close();
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(precious).hasContent("precious");
  }

  @Test
  void thatItCannotBeWrittenChangesNothingElse() throws IOException {
    Files.createDirectories(file.resolve("in the way"));
    try (Ledger ledger = Ledger.begin(file, MARKER)) {
      ledger.record(11, 1100);
      ledger.strike(11);
    }
    assertThat(file).isDirectory();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "forkyard ledger 1\n",
        "forkyard ledger 1\nno boot\nledger-test\n",
        "forkyard ledger 1\n00000000-0000-0000-0000-000000000000\n(sh)\n+ 1 1\n",
        "forkyard ledger 2\n00000000-0000-0000-0000-000000000000\nledger-test\n"
      })
  void somethingElseIsNoLedger(String content) throws IOException {
    Files.writeString(file, content);
    assertThatThrownBy(this::entries)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ledger");
  }

  @Test
  void thereNeedsToBeNone() throws IOException {
    assertThat(LedgerEntries.read(file)).isEmpty();
  }
}
