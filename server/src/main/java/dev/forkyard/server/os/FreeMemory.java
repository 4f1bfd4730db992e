package dev.forkyard.server.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much memory the machine has left, as the kernel tells in {@code /proc/meminfo}. */
public final class FreeMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d+) kB$");
  private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB$");

  private FreeMemory() {}

  /** Whether less than a part of all memory can be had; false when the kernel does not tell. */
  public static boolean isLessThan(double share) {
    try {
      String text = Files.readString(MEMINFO);
      Matcher total = TOTAL.matcher(text);
      Matcher available = AVAILABLE.matcher(text);
      return total.find()
          && available.find()
          && Long.parseLong(available.group(1)) < share * Long.parseLong(total.group(1));
    } catch (IOException untold) {
      return false;
    }
  }
}
