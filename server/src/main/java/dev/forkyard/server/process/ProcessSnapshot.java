package dev.forkyard.server.process;

import dev.forkyard.server.core.OutputExtent;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A process at one moment.
 *
 * @param pid of the current run; 0 before it has started
 * @param run number of the current run; the first is 1
 * @param sessionId session of the current run
 * @param parent who started it
 * @param startTime when the current run was started
 * @param exit how the current run ended; null while it lives
 * @param previousExit how the run before ended
 * @param revision of its last change
 * @param firstRevision of the start of its first run, which tells it from others that had its id
 * @param terminal size of its terminal; null when it has none
 */
public record ProcessSnapshot(
    String id,
    ProcessState state,
    int run,
    int pid,
    List<String> argv,
    String cwd,
    @Nullable FunctionName function,
    String sessionId,
    String ownerSessionId,
    Parent parent,
    @Nullable Instant startTime,
    @Nullable ProcessExit exit,
    @Nullable ProcessExit previousExit,
    OutputExtent stdout,
    OutputExtent stderr,
    @Nullable FunctionOutcome outcome,
    Map<String, String> labels,
    long revision,
    long firstRevision,
    @Nullable TerminalSize terminal) {

  /** True when it has all these labels. */
  public boolean hasLabels(Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }

  /** The same at a revision. */
  ProcessSnapshot at(long newRevision) {
    return with(outcome, newRevision, firstRevision == 0 ? newRevision : firstRevision);
  }

  /** The same without what its function came to. */
  ProcessSnapshot withoutOutcome() {
    return with(null, revision, firstRevision);
  }

  private ProcessSnapshot with(
      @Nullable FunctionOutcome newOutcome, long newRevision, long newFirstRevision) {
    return new ProcessSnapshot(
        id,
        state,
        run,
        pid,
        argv,
        cwd,
        function,
        sessionId,
        ownerSessionId,
        parent,
        startTime,
        exit,
        previousExit,
        stdout,
        stderr,
        newOutcome,
        labels,
        newRevision,
        newFirstRevision,
        terminal);
  }
}
