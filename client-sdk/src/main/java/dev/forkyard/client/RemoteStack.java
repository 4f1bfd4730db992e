package dev.forkyard.client;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a worker printed of an error, as the cause of the exception that its caller gets: a stack
 * trace where it is one of Java, otherwise the text.
 */
final class RemoteStack extends Exception {
  private static final long serialVersionUID = 1;

  private static final String CAUSE = "Caused by: ";
  private static final String FRAME = "\tat ";
  private static final Pattern START_OF_CAUSE =
      Pattern.compile("^(?=" + CAUSE + ")", Pattern.MULTILINE);
  private static final Pattern COMMON_FRAMES = Pattern.compile("\t\\.\\.\\. (\\d{1,6}) more");

  /** Loader, module, version, class, method, file, line; all but class and method may be absent. */
  private static final Pattern PARTS =
      Pattern.compile(
          "(?:([^/()]*)/(?=[^(]*/))?(?:([^/()@]*)(?:@([^/()]*))?/)?"
              + "([^/()]+)\\.([^./()]+)\\((?:([^:()]+?)(?::(\\d{1,9}))?)\\)");

  private static final int NATIVE = -2;

  /** A longer chain of causes is no work of the Java worker; it is shown as text. */
  private static final int MOST_TRACES = 100;

  private RemoteStack(String message, @Nullable RemoteStack cause, List<StackTraceElement> frames) {
    super(message, cause, false, true);
    setStackTrace(frames.toArray(StackTraceElement[]::new));
  }

  /** Makes a cause of a text; null if there is none. */
  static @Nullable RemoteStack of(String processId, String text) {
    if (text.isBlank()) {
      return null;
    }
    String where = processId.isEmpty() ? "in a worker: " : "in process " + processId + ": ";
    List<String> traces = List.of(START_OF_CAUSE.split(text));
    RemoteStack parsed = traces.size() > MOST_TRACES ? null : parse(where, traces, List.of());
    return parsed != null ? parsed : new RemoteStack(where + text.strip(), null, List.of());
  }

  /** Reads a stack trace and those of its causes; null if they are not of Java. */
  private static @Nullable RemoteStack parse(
      String where, List<String> traces, List<StackTraceElement> enclosing) {
    List<String> lines = traces.get(0).lines().toList();
    int first = 0;
    while (first < lines.size() && !lines.get(first).startsWith("\t")) {
      first++;
    }
    List<StackTraceElement> frames = frames(lines.subList(first, lines.size()), enclosing);
    if (frames == null) {
      return null;
    }
    RemoteStack cause = null;
    if (traces.size() > 1) {
      cause = parse("", traces.subList(1, traces.size()), frames);
      if (cause == null) {
        return null;
      }
    }
    String head = String.join("\n", lines.subList(0, first));
    return new RemoteStack(
        where + (head.startsWith(CAUSE) ? head.substring(CAUSE.length()) : head), cause, frames);
  }

  private static @Nullable List<StackTraceElement> frames(
      List<String> lines, List<StackTraceElement> enclosing) {
    List<StackTraceElement> frames = new ArrayList<>();
    for (String line : lines) {
      Matcher common = COMMON_FRAMES.matcher(line);
      if (common.matches()) {
        int count = Math.min(Integer.parseInt(common.group(1)), enclosing.size());
        frames.addAll(enclosing.subList(enclosing.size() - count, enclosing.size()));
        continue;
      }
      StackTraceElement frame = line.startsWith(FRAME) ? frame(line.substring(4)) : null;
      if (frame == null) {
        return null;
      }
      frames.add(frame);
    }
    return frames.isEmpty() ? null : frames;
  }

  private static @Nullable StackTraceElement frame(String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    String file = parts.group(6);
    boolean isNative = file.equals("Native Method");
    String line = parts.group(7);
    StackTraceElement frame =
        new StackTraceElement(
            parts.group(1),
            parts.group(2),
            parts.group(3),
            parts.group(4),
            parts.group(5),
            isNative || file.equals("Unknown Source") ? null : file,
            isNative ? NATIVE : line == null ? -1 : Integer.parseInt(line));
    return frame.toString().equals(text) ? frame : null;
  }
}
