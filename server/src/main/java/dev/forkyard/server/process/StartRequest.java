package dev.forkyard.server.process;

import dev.forkyard.server.session.Owner;
import org.jspecify.annotations.Nullable;

/**
 * What to start.
 *
 * @param id wanted id; empty for a random one
 * @param function what the command runs, if it is a worker that runs one function
 * @param owner what it ends with
 * @param parent who starts it
 */
public record StartRequest(
    String id,
    Command command,
    @Nullable FunctionName function,
    Owner owner,
    Parent parent,
    ProcessOptions options) {}
