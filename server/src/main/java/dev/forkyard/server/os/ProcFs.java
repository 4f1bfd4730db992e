package dev.forkyard.server.os;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code /proc}; blocks on the kernel. What vanishes meanwhile is simply not there. */
public final class ProcFs {
  private static final Path PROC = Path.of("/proc");
  private static final Pattern OPEN_FILES = Pattern.compile("(?m)^Max open files\\s+(\\d+)\\s");

  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");

  private ProcFs() {}

  /**
   * One process.
   *
   * @param startTicks when it was started, in clock ticks since boot: together with the pid its
   *     identity
   */
  record Stat(int pid, char state, int parent, int group, long startTicks) {
    boolean alive() {
      return state != 'Z' && state != 'X';
    }
  }

  /** Resident memory of a process, in bytes; 0 when there is no such process. */
  public static long residentBytes(int pid) {
    Matcher matcher = RESIDENT.matcher(read(pid, "status").orElse(""));
    return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
  }

  /** How many descriptors this process has open; 0 when the kernel (before 6.2) does not tell. */
  static long openDescriptors() {
    try {
      return Files.size(PROC.resolve("self/fd"));
    } catch (IOException e) {
      return 0;
    }
  }

  static Optional<Stat> stat(int pid) {
    return read(pid, "stat").flatMap(text -> parse(pid, text));
  }

  private static Optional<Stat> parse(int pid, String text) {
    // The name in parentheses may hold anything, parentheses and line breaks too.
    String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
    if (fields.length < 20) {
      return Optional.empty();
    }
    return Optional.of(
        new Stat(
            pid,
            fields[0].charAt(0),
            Integer.parseInt(fields[1]),
            Integer.parseInt(fields[2]),
            Long.parseLong(fields[19])));
  }

  /**
   * True when the process was started with this variable in its environment, raw {@code
   * NAME=value}.
   */
  static boolean carries(int pid, String entry) {
    return environment(pid).contains(entry);
  }

  /** What a process was started with, raw {@code NAME=value}; empty when it cannot be seen. */
  static List<String> environment(int pid) {
    return read(pid, "environ").map(text -> List.of(text.split("\0", -1))).orElse(List.of());
  }

  /** Pid of this process. */
  static int self() {
    return (int) ProcessHandle.current().pid();
  }

  /**
   * Which boot of the machine this is.
   *
   * @throws IOException when the kernel does not tell
   */
  static String bootId() throws IOException {
    return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
  }

  /** All processes, those that wait to be reaped too. */
  static List<Stat> all() {
    List<Stat> all = new ArrayList<>();
    for (int pid : pids()) {
      stat(pid).ifPresent(all::add);
    }
    return all;
  }

  /** Pids of all processes. */
  static List<Integer> pids() {
    List<Integer> pids = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path one : all) {
        pids.add(Integer.valueOf(one.getFileName().toString()));
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("cannot list /proc; is it mounted?", e);
    }
    return pids;
  }

  /** All processes of a group that are alive. */
  static List<Stat> group(int group) {
    return all().stream().filter(s -> s.group() == group && s.alive()).toList();
  }

  /** Soft limit of open files of a process; empty when it is unlimited or unknown. */
  static OptionalLong softDescriptorLimit(int pid) {
    Matcher matcher = OPEN_FILES.matcher(read(pid, "limits").orElse(""));
    return matcher.find()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  private static Optional<String> read(int pid, String file) {
    try {
      return Optional.of(
          RawText.ofBytes(Files.readAllBytes(PROC.resolve(Integer.toString(pid)).resolve(file))));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
