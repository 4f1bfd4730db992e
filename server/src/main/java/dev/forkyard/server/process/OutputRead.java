package dev.forkyard.server.process;

import java.util.OptionalLong;

/**
 * What to read of the output of a process.
 *
 * @param cursor position to read from
 * @param tailBytes reads from so many bytes before the end instead, or from the oldest byte kept
 * @param maxBytes most bytes, 4 or more for text
 * @param asText begins and ends the answer between characters, where there is a choice
 */
public record OutputRead(
    OutputStreamName stream, long cursor, OptionalLong tailBytes, int maxBytes, boolean asText) {}
