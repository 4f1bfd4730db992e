package dev.forkyard.server.process;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to follow.
 *
 * @param streams at least one
 * @param stdoutCursor where to begin in standard output
 * @param stderrCursor where to begin in standard error
 * @param tailBytes where to begin in each, counted from its end; null for the cursors
 * @param asText pieces do not end inside a character
 */
public record FollowRequest(
    String processId,
    Set<OutputStreamName> streams,
    long stdoutCursor,
    long stderrCursor,
    @Nullable Long tailBytes,
    boolean asText) {}
