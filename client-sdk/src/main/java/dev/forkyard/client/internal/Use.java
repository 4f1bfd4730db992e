package dev.forkyard.client.internal;

/** Where a function is given, and how else to bring to it what it would capture. */
public enum Use {
  /** A process of its own. */
  START("Pass it as an argument, for example start((a, b) -> ..., captured, b)."),
  /** One call of a pool. */
  APPLY("Pass it as an argument, for example applyAsync((a, b) -> ..., captured, b)."),
  /** A call for each item. */
  MAP(
      "Make it part of each item, for example as a record with both, or give both to a function of"
          + " two arguments: starmap(Tasks::run, List.of(Args.of(captured, item)))."),
  /** A call for each group of arguments. */
  STARMAP("Make it one of the arguments of each call, for example Args.of(captured, a, b)."),
  /** The start of a worker. */
  INITIALIZER("Pass it as an argument, for example initializer(a -> ..., captured)."),
  /** An executor of the JDK. */
  EXECUTOR(
      "An executor has no arguments to pass it as; the pool itself has, for example"
          + " ProcessPool.applyAsync(a -> ..., captured).");

  private final String hint;

  Use(String hint) {
    this.hint = hint;
  }

  String hint() {
    return hint;
  }
}
