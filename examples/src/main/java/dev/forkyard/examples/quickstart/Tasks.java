package dev.forkyard.examples.quickstart;

/** Functions that run in other processes. */
public final class Tasks {
  private Tasks() {}

  /** Says hello from the process in which it runs. */
  public static String greet(String name) {
    return "hello " + name + ", from process " + ProcessHandle.current().pid();
  }

  /** Multiplies a number by itself. */
  public static int square(int number) {
    return number * number;
  }
}
