package dev.forkyard.e2e;

import dev.forkyard.client.ProcessPool;
import dev.forkyard.server.testing.Marks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Functions that the tests of pools run in workers. */
final class PoolTasks {
  private static volatile String initialized = "";

  private PoolTasks() {}

  /** An exception that nobody could rebuild from its text. */
  static final class Strange extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Only this can make one. */
    Strange(int one, Thread other) {
      super(other.getName() + one);
    }
  }

  static void initialize(String text, int number) {
    initialized = text + " " + number;
  }

  static String initialized(int ignored) {
    return ignored < 0 ? "" : initialized;
  }

  static void failToInitialize(String message) {
    if (!message.isEmpty()) {
      throw new IllegalStateException(message);
    }
  }

  static int touchUnlessZero(String dir, int number) throws Exception {
    if (number == 0) {
      throw new IllegalArgumentException("zero");
    }
    Files.createFile(Path.of(dir, Integer.toString(number)));
    return number;
  }

  /** Waits until a file is there; can be interrupted. */
  static int waitFor(String file) throws Exception {
    Marks.await(file);
    return 42;
  }

  /** Makes a file of a directory when it begins, and waits for another. */
  static int announceAndWait(String dir) throws Exception {
    Files.createFile(Path.of(dir, "begun"));
    return waitFor(Path.of(dir, "end").toString());
  }

  static String waitForAndName(String file) throws Exception {
    int unused = waitFor(file);
    return file;
  }

  /** Waits until a file is there, whatever anybody says. */
  static int ignoreInterrupts(String file) throws Exception {
    while (true) {
      try {
        return waitFor(file);
      } catch (InterruptedException e) {
        // that is what it is for
      }
    }
  }

  static String name(Thread thread) {
    return thread.getName();
  }

  static Object unencodable() {
    return Thread.currentThread();
  }

  static int throwStrange(int number) {
    if (number != 0) {
      throw new Strange(number, Thread.currentThread());
    }
    return number;
  }

  static int length(String text) {
    return text.length();
  }

  static int touch(String file) throws Exception {
    Files.createFile(Path.of(file));
    return 1;
  }

  /** Makes a file of a directory when it begins, and waits for another whatever anybody says. */
  static int announceAndIgnoreInterrupts(String dir) throws Exception {
    Files.createFile(Path.of(dir, "begun"));
    return ignoreInterrupts(Path.of(dir, "end").toString());
  }

  /** Tells a variable, a property and the directory of the worker. */
  static List<String> surroundings() {
    return List.of(
        String.valueOf(System.getenv("COLOUR")),
        String.valueOf(System.getProperty("shape")),
        Path.of("").toAbsolutePath().toString());
  }

  /** As {@link #announceAndWait}, in the directory that the environment names. */
  static Integer announceAndWaitInGate() throws Exception {
    return announceAndWait(System.getenv("GATE"));
  }

  static Integer four() {
    return 4;
  }

  static void nothing() {}

  static void print(String text) {
    System.out.println(text);
  }

  static Integer fail() {
    throw new IllegalStateException("failed as it should");
  }

  static String idOf(ProcessPool pool) {
    return pool.id();
  }

  static Integer die() {
    return Tasks.halt(9);
  }

  /** Makes a file, but where its name is "never" waits for it. */
  static int touchUnlessNever(String dir, String name) throws Exception {
    Path file = Path.of(dir, name);
    return name.equals("never") ? waitFor(file.toString()) : touch(file.toString());
  }
}
