package dev.forkyard.server.process;

import dev.forkyard.server.core.OutputExtent;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A process at one moment. */
public record ProcessSnapshot(
    String id,
    ProcessState state,
    int pid,
    List<String> argv,
    String cwd,
    @Nullable FunctionName function,
    String sessionId,
    String ownerSessionId,
    @Nullable Instant startTime,
    @Nullable Instant exitTime,
    @Nullable ProcessExit exit,
    OutputExtent stdout,
    OutputExtent stderr,
    @Nullable FunctionOutcome outcome,
    @Nullable TerminalSize terminal) {}
