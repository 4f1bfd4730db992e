package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.os.SpawnException;
import java.util.concurrent.CompletionException;

/** What the process features refuse, in words. */
final class ProcessFaults {
  private static final int E2BIG = 7;
  private static final int ENOENT = 2;
  private static final int EAGAIN = 11;
  private static final int ENOMEM = 12;
  private static final int ENFILE = 23;
  private static final int EMFILE = 24;

  static final Registry.Kind KIND =
      new Registry.Kind(
          "process",
          "proc",
          Reason.PROCESS_NOT_FOUND,
          Reason.PROCESS_EXISTS,
          Reason.TOO_MANY_PROCESSES);

  private ProcessFaults() {}

  static Fault of(Throwable failure) {
    Throwable cause = causeOf(failure);
    if (cause instanceof Fault fault) {
      return fault;
    }
    if (!(cause instanceof SpawnException spawn)) {
      return new Fault(Reason.INTERNAL, "The process could not be started: " + cause + ".");
    }
    Fault fault =
        new Fault(reason(spawn), String.valueOf(spawn.getMessage()))
            .with("errno", spawn.errnoName())
            .with("stage", spawn.stage())
            .with("path", spawn.path());
    return switch (spawn.stage()) {
      case NICENESS -> fault.with("field", "command.nice");
      case OPEN_FILES -> fault.with("field", "command.max_open_files");
      case RESOURCES -> fault.with("limit", limit(spawn.errno()));
      default -> fault;
    };
  }

  /** What the operating system has no more of. */
  private static String limit(int errno) {
    return switch (errno) {
      case EMFILE -> "open files of the daemon";
      case ENFILE -> "open files of the machine";
      case EAGAIN -> "processes";
      case ENOMEM -> "memory";
      default -> "resources of the kernel";
    };
  }

  /** What a future failed with. */
  static Throwable causeOf(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private static Reason reason(SpawnException spawn) {
    return switch (spawn.stage()) {
      case ARGUMENTS ->
          spawn.errno() == E2BIG ? Reason.ARGUMENTS_TOO_LONG : Reason.INVALID_ARGUMENT;
      case WORKING_DIRECTORY -> Reason.BAD_WORKING_DIRECTORY;
      case LOOKUP ->
          spawn.errno() == ENOENT ? Reason.PROGRAM_NOT_FOUND : Reason.PROGRAM_NOT_EXECUTABLE;
      case EXEC -> Reason.PROGRAM_NOT_EXECUTABLE;
      case NICENESS, OPEN_FILES -> Reason.INVALID_ARGUMENT;
      case CLOSED -> Reason.DAEMON_STOPPING;
      case RESOURCES -> Reason.SYSTEM_LIMIT;
    };
  }

  static Fault running(String id) {
    return new Fault(
            Reason.PROCESS_RUNNING,
            "Process \"" + id + "\" is still running; stop it first, or wait for its end.")
        .with("process_id", id);
  }

  static Fault restarting(String id) {
    return new Fault(
            Reason.PROCESS_RESTARTING,
            "Process \"" + id + "\" is being restarted already; wait until its next run runs.")
        .with("process_id", id);
  }

  static Fault restartCalledOff(String id, ExitCause why) {
    return new Fault(
            Reason.RESTART_CALLED_OFF,
            "Process \""
                + id
                + "\" was not started again, because something else ended it meanwhile: "
                + why
                + ". Restart it again if it should run.")
        .with("process_id", id)
        .with("cause", why);
  }

  static Fault daemonStopping() {
    return new Fault(Reason.DAEMON_STOPPING, "The daemon is ending and starts nothing any more.");
  }

  static Fault notRestartable(String id) {
    return new Fault(
            Reason.NOT_RESTARTABLE,
            "Process \""
                + id
                + "\" runs a function, which is called once; start another process instead.")
        .with("process_id", id);
  }

  static Fault cancelled(String id) {
    return new Fault(
            Reason.CALL_CANCELLED,
            "The call was cancelled; process \"" + id + "\" is untouched by that.")
        .with("process_id", id);
  }
}
