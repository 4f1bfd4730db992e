package dev.forkyard.server.process;

/**
 * Output read from a position.
 *
 * @param nextCursor where the next read begins
 * @param end the process has ended and everything was read
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record OutputChunk(byte[] bytes, long nextCursor, boolean end) {}
