package dev.forkyard.client.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Functions that the tests run in workers. */
public final class Tasks {
  private Tasks() {}

  /** A square. */
  public static int square(int n) {
    return n * n;
  }

  /** The same for another type, so that the name alone is not enough. */
  public static long square(long n) {
    return n * n;
  }

  /** One with another number of parameters. */
  public static int plus(int a, int b) {
    return a + b;
  }

  /** One with three. */
  public static int plus(int a, int b, int c) {
    return a + b + c;
  }

  /** The names of all jobs of all lists. */
  public static List<String> names(List<Map<String, Job>> jobs) {
    return jobs.stream().flatMap(m -> m.values().stream()).map(Job::name).toList();
  }

  /** A text that JSON can carry. */
  public static String repeat(String text, int times) {
    return text.repeat(times);
  }

  /** Nothing. */
  public static void nothing() {}

  /** The argument. */
  public static @Nullable String same(@Nullable String text) {
    return text;
  }

  /** A failure with a cause. */
  public static int fail(int n) {
    if (n % 2 == 1) {
      throw new IllegalStateException("odd " + n, new IllegalArgumentException("cause"));
    }
    return n;
  }

  /** No end of calls. */
  public static int overflow(int n) {
    return n < 0 ? 0 : overflow(n + 1) + 1;
  }

  /** What JSON has no text for. */
  public static Object unencodable() {
    return new Object();
  }

  /** A number that JSON does not have. */
  public static double nan() {
    return Double.NaN;
  }

  /** The end of the process at one of the calls. */
  public static int exitAt(int n, int at, int code) {
    if (n == at) {
      System.exit(code);
    }
    return n;
  }

  /** The end of the process without notice. */
  public static int haltAt(int n, int at) {
    if (n == at) {
      Runtime.getRuntime().halt(9);
    }
    return n;
  }

  /** One call that does not end. */
  public static int hangAt(int n, int at) throws InterruptedException {
    if (n == at) {
      new CountDownLatch(1).await();
    }
    return n;
  }

  /** A call that leaves an interrupt behind. */
  public static int interrupt(int n) {
    Thread.currentThread().interrupt();
    return n;
  }

  /** Output of the function itself. */
  public static void print(String text) {
    System.out.println(text);
  }

  /** A type that only its caller knows. */
  public static <T> T generic(T value) {
    return value;
  }
}
