package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;

/** What writing to a process refuses, in words. */
final class InputFaults {
  private static final String CAUSE = "cause";

  private InputFaults() {}

  static Fault notOpen(String id) {
    return new Fault(
            Reason.INPUT_NOT_OPEN,
            "Process \""
                + id
                + "\" has no input to write to; start it with stdin STDIN_MODE_PIPE or with a"
                + " terminal.")
        .with("process_id", id);
  }

  static Fault closed(String id, InputEnd how) {
    return new Fault(
            Reason.INPUT_CLOSED,
            "The input of process \"" + id + "\" takes nothing any more: " + how.inWords() + ".")
        .with("process_id", id)
        .with(CAUSE, how);
  }

  /** Whether nobody reads any more, though no client has closed the input. */
  static boolean isBecauseOfTheProcess(Fault fault) {
    return fault.reason() == Reason.INPUT_CLOSED
        && !InputEnd.CLOSED.name().equals(fault.metadata().get(CAUSE));
  }

  static Fault full(String id, int limit) {
    return new Fault(
            Reason.INPUT_FULL,
            "Process \""
                + id
                + "\" did not read its input in time: there are up to "
                + limit
                + " bytes for it to read. Nothing was written; try again when it reads.")
        .with("process_id", id)
        .with("limit", limit);
  }

  static Fault budgetSpent(String id, long limit) {
    return new Fault(
            Reason.INPUT_FULL,
            "Input of "
                + limit
                + " bytes waits for the processes of the daemon already. Nothing was written; try"
                + " again when they read.")
        .with("process_id", id)
        .with("limit", limit);
  }

  static Fault tooLarge(int bytes, int limit) {
    return new Fault(
            Reason.BATCH_TOO_LARGE,
            "There are "
                + bytes
                + " bytes of input in one call, of at most "
                + limit
                + "; write them in several.")
        .with("bytes", bytes)
        .with("limit", limit);
  }

  static Fault noTerminal(String id) {
    return new Fault(
            Reason.NO_TERMINAL,
            "Process \"" + id + "\" has no terminal to resize; start it with command.terminal.")
        .with("process_id", id);
  }
}
