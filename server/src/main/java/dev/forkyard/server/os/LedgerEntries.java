package dev.forkyard.server.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a ledger says.
 *
 * @param marker the marker that its yard's children carry
 * @param bootId which boot of the machine it was written in: pids and start times mean nothing in
 *     another
 * @param groups start times of the leaders of process groups, by group
 */
record LedgerEntries(String marker, String bootId, Map<Integer, Long> groups) {
  private static final String TITLE = "forkyard ledger 1";
  private static final Pattern GROUP = Pattern.compile("\\+ ([1-9]\\d{0,8}) (\\d{1,18})");
  private static final Pattern BOOT_ID = Pattern.compile("[0-9a-f-]{36}");
  private static final long MOST_BYTES = 16L << 20;

  LedgerEntries {
    groups = Map.copyOf(groups);
  }

  /**
   * Reads a ledger; empty when there is none.
   *
   * @throws IOException when what is there cannot be read, or is no ledger
   */
  static Optional<LedgerEntries> read(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MOST_BYTES) {
      throw new IOException(file + " is no ledger");
    }
    String text = RawText.ofBytes(Files.readAllBytes(file));
    // a last line without its end was torn
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    if (lines.size() < 3
        || !lines.get(0).equals(TITLE)
        || !BOOT_ID.matcher(lines.get(1)).matches()
        || !Children.MARKER.matcher(lines.get(2)).matches()) {
      throw new IOException(file + " is no ledger");
    }
    return Optional.of(new LedgerEntries(lines.get(2), lines.get(1), groups(lines)));
  }

  private static Map<Integer, Long> groups(List<String> lines) {
    Map<Integer, Long> groups = new HashMap<>();
    for (String line : lines) {
      Matcher group = GROUP.matcher(line);
      if (group.matches()) {
        groups.put(Integer.valueOf(group.group(1)), Long.valueOf(group.group(2)));
      }
    }
    return groups;
  }

  /** The text of a ledger that says this. */
  byte[] text() {
    StringBuilder text = new StringBuilder();
    text.append(TITLE).append('\n').append(bootId).append('\n').append(marker).append('\n');
    groups.forEach((group, start) -> text.append(line(group, start)));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  static String line(int group, long startTicks) {
    return "+ " + group + ' ' + startTicks + '\n';
  }
}
