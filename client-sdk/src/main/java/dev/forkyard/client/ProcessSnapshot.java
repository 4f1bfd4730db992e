package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.ProcessInfo;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The state of a process at one moment.
 *
 * @param id its id
 * @param pid its pid in the operating system
 * @param argv the command line as executed
 * @param cwd its working directory
 * @param function name of the function that it runs; empty for a command
 * @param sessionId its own session
 * @param ownerSessionId the session with which it ends; empty if it lives until it ends by itself
 * @param startTime when it was started
 * @param exitTime when it ended; empty while it lives
 * @param exit how it ended; empty while it lives
 * @param stdoutBytes bytes of standard output so far
 * @param stderrBytes bytes of standard error so far
 */
public record ProcessSnapshot(
    String id,
    int pid,
    List<String> argv,
    Path cwd,
    Optional<String> function,
    String sessionId,
    Optional<String> ownerSessionId,
    Instant startTime,
    Optional<Instant> exitTime,
    Optional<ExitStatus> exit,
    long stdoutBytes,
    long stderrBytes) {

  /** {@return whether the process lived at that moment} */
  public boolean isAlive() {
    return exit.isEmpty();
  }

  static ProcessSnapshot of(ProcessInfo info) {
    return new ProcessSnapshot(
        info.getProcessId(),
        info.getPid(),
        List.copyOf(info.getArgvList()),
        Path.of(info.getCwd()),
        info.hasFunction() ? Optional.of(info.getFunction().getName()) : Optional.empty(),
        info.getSessionId(),
        info.getOwnerSessionId().isEmpty()
            ? Optional.empty()
            : Optional.of(info.getOwnerSessionId()),
        Protos.instant(info.getStartTime()),
        info.hasExit() ? Optional.of(Protos.instant(info.getExit().getTime())) : Optional.empty(),
        info.hasExit() ? Optional.of(ExitStatus.of(info.getExit())) : Optional.empty(),
        info.getStdout().getEndCursor(),
        info.getStderr().getEndCursor());
  }
}
