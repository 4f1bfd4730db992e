package dev.forkyard.server.process;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import org.jspecify.annotations.Nullable;

/** What a function process came to: exactly one is set. */
public record FunctionOutcome(@Nullable Payload result, @Nullable Failure failure) {}
