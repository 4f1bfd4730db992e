package dev.forkyard.client;

/**
 * What there is of one output stream at one moment. Cursors are byte offsets since the first run of
 * the process.
 *
 * @param startCursor cursor of the oldest byte that is kept
 * @param endCursor cursor after the newest byte
 * @param runCursor cursor at which the current run began
 * @param droppedBytes bytes that are kept no more, or never were
 * @param lateBytes bytes that others wrote after the process itself had ended
 */
public record OutputExtent(
    long startCursor, long endCursor, long runCursor, long droppedBytes, long lateBytes) {

  static OutputExtent of(dev.forkyard.v1.OutputExtent extent) {
    return new OutputExtent(
        extent.getStartCursor(),
        extent.getEndCursor(),
        extent.getRunCursor(),
        extent.getDroppedBytes(),
        extent.getLateBytes());
  }
}
