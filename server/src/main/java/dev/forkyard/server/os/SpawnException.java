package dev.forkyard.server.os;

/** Nothing was started, and nothing is left of the attempt. The message says what to do. */
public final class SpawnException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What was being done when it failed. */
  public enum Stage {
    /**
     * Looking at the arguments and the environment: empty, with a zero character, or (E2BIG) too
     * long.
     */
    ARGUMENTS,
    /** Entering the working directory. */
    WORKING_DIRECTORY,
    /** Finding the program: ENOENT when there is none, EACCES when it may not be executed. */
    LOOKUP,
    /**
     * Executing the program found: ENOEXEC for a bad format, ENOENT when its interpreter is
     * missing.
     */
    EXEC,
    /** Setting the niceness: EACCES without the privilege for it. */
    NICENESS,
    /** Setting the limit of open files: it may not be above the hard limit. */
    OPEN_FILES,
    /** Getting a process, memory or descriptors from the operating system. */
    RESOURCES,
    /** The daemon is ending and starts nothing any more. */
    CLOSED
  }

  private final Stage stage;
  private final int errno;
  private final String path;

  SpawnException(Stage stage, int errno, String path, String message) {
    super(message);
    this.stage = stage;
    this.errno = errno;
    this.path = path;
  }

  /** Answers what was being done. */
  public Stage stage() {
    return stage;
  }

  /** Answers the error number of the operating system. */
  public int errno() {
    return errno;
  }

  /** Answers the name of the error number, such as {@code ENOENT}. */
  public String errnoName() {
    return Sys.errnoName(errno);
  }

  /** Answers the path that it is about; empty when it is about none. */
  public String path() {
    return path;
  }

  static SpawnException arguments(String message) {
    return new SpawnException(Stage.ARGUMENTS, Sys.EINVAL, "", message);
  }

  static SpawnException resources(int errno, String what) {
    return new SpawnException(
        Stage.RESOURCES,
        errno,
        "",
        "The operating system refused %s: %s. End some processes or raise the daemon's limits."
            .formatted(what, Sys.errnoText(errno)));
  }
}
