package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.ProcessExit;
import dev.forkyard.v1.ProcessInfo;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a process at one moment.
 *
 * @param id its id
 * @param state where it is in its life
 * @param run number of the current run; the first is 1
 * @param pid its pid in the operating system
 * @param argv the command line as executed
 * @param cwd its working directory; empty for the one in which the daemon was started
 * @param function name of the function that it runs; empty for a command
 * @param labels the labels given at its start
 * @param sessionId its own session
 * @param ownerSessionId the session with which it ends; empty if it lives until it ends by itself
 * @param parentSessionId the session that started it; empty if none was named
 * @param parentProcessId the process that started it; empty if that was no process of the daemon
 * @param startTime when the current run was started
 * @param exitTime when it ended; empty while it lives
 * @param exit how it ended; empty while it lives
 * @param previousExit how the run before the current one ended; empty in the first run
 * @param stdout what there is of standard output
 * @param stderr what there is of standard error
 * @param terminal size of its terminal; empty when it has none
 * @param revision revision of its last change, see {@link ProcessWatch}
 */
public record ProcessSnapshot(
    String id,
    ProcessState state,
    int run,
    int pid,
    List<String> argv,
    Path cwd,
    Optional<String> function,
    Map<String, String> labels,
    String sessionId,
    Optional<String> ownerSessionId,
    Optional<String> parentSessionId,
    Optional<String> parentProcessId,
    Instant startTime,
    Optional<Instant> exitTime,
    Optional<ExitStatus> exit,
    Optional<ExitStatus> previousExit,
    OutputExtent stdout,
    OutputExtent stderr,
    Optional<TerminalSize> terminal,
    long revision) {

  /** {@return whether the process lived at that moment} */
  public boolean isAlive() {
    return exit.isEmpty();
  }

  static ProcessSnapshot of(ProcessInfo info) {
    Optional<ProcessExit> exit = info.hasExit() ? Optional.of(info.getExit()) : Optional.empty();
    return new ProcessSnapshot(
        info.getProcessId(),
        ProcessState.of(info.getState()),
        info.getRun(),
        info.getPid(),
        List.copyOf(info.getArgvList()),
        Path.of(info.getCwd()),
        info.hasFunction() ? Optional.of(info.getFunction().getName()) : Optional.empty(),
        Map.copyOf(info.getLabelsMap()),
        info.getSessionId(),
        ifAny(info.getOwnerSessionId()),
        ifAny(info.getParentSessionId()),
        ifAny(info.getParentProcessId()),
        Protos.instant(info.getStartTime()),
        exit.map(end -> Protos.instant(end.getTime())),
        exit.map(ExitStatus::of),
        info.hasPreviousExit()
            ? Optional.of(ExitStatus.of(info.getPreviousExit()))
            : Optional.empty(),
        OutputExtent.of(info.getStdout()),
        OutputExtent.of(info.getStderr()),
        info.hasTerminal() ? Optional.of(TerminalSize.of(info.getTerminal())) : Optional.empty(),
        info.getRevision());
  }

  private static Optional<String> ifAny(String id) {
    return id.isEmpty() ? Optional.empty() : Optional.of(id);
  }
}
