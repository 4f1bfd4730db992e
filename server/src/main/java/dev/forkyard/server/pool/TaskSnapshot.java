package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.FunctionName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A submitted task at one moment.
 *
 * @param result null unless it succeeded
 * @param failure null unless it failed
 * @param endTime null before its end
 */
public record TaskSnapshot(
    String id,
    TaskState state,
    FunctionName function,
    @Nullable Payload result,
    @Nullable Failure failure,
    Instant submitTime,
    @Nullable Instant endTime) {}
