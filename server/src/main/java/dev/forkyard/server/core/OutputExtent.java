package dev.forkyard.server.core;

/**
 * What was written to one stream of a process and what is kept of it, at one moment.
 *
 * @param start position of the oldest byte that is kept; {@code end} when none is
 * @param end position after the last byte written, kept or not
 * @param runStart position at which the current run began
 * @param droppedBytes how many of the bytes before {@code end} are gone: at a limit, or because
 *     they could not be written
 * @param lateBytes how many bytes others wrote after the process itself had ended
 */
public record OutputExtent(long start, long end, long runStart, long droppedBytes, long lateBytes) {
  /** Of a stream to which nothing was written. */
  public static final OutputExtent NONE = new OutputExtent(0, 0, 0, 0, 0);
}
