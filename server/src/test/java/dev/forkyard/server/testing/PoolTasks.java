package dev.forkyard.server.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Functions that workers of tests run. */
public final class PoolTasks {
  private static String prepared = "nothing";

  private PoolTasks() {}

  public static void prepare(String what) {
    prepared = what;
  }

  public static String prepared() {
    return prepared;
  }

  @SuppressWarnings("DoNotCallSuggester") // workers call it
  public static void cannotPrepare(String why) {
    if (!why.isEmpty()) {
      throw new IllegalStateException(why);
    }
  }

  public static void haltWhilePreparing(int code) {
    System.err.println("no model");
    System.err.flush();
    Runtime.getRuntime().halt(code);
  }

  public static int square(int number) {
    return number * number;
  }

  public static String echo(String text) {
    return text;
  }

  public static long pid() {
    return ProcessHandle.current().pid();
  }

  /** The directory that it works in. */
  public static String directory() throws Exception {
    return Path.of("").toRealPath().toString();
  }

  /** The names and values of its environment. */
  public static Map<String, String> environment() {
    return System.getenv();
  }

  public static int halt(int code) {
    Runtime.getRuntime().halt(code);
    return code;
  }

  /** Writes its pid to a file and never ends, whatever it is asked. */
  public static void spin(String file) throws Exception {
    Path part = Path.of(file + ".part");
    Files.writeString(part, Long.toString(pid()));
    Files.move(part, Path.of(file));
    while (true) {
      Thread.onSpinWait();
    }
  }

  /** Ends when there is a file. */
  public static int waitFor(String file) throws Exception {
    Marks.await(file);
    return 1;
  }
}
