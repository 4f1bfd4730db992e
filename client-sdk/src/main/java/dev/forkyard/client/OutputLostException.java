package dev.forkyard.client;

import java.util.Map;

/**
 * Output that is kept no more: it was over the limit of the process, or the disk was full. Nobody
 * who reads output is given what comes after a gap without being told of the gap.
 */
public final class OutputLostException extends ForkyardException {
  private static final long serialVersionUID = 1;

  /** What {@link #lostBytes()} answers. */
  private final long lostBytes;

  /** What {@link #resumeCursor()} answers. */
  private final long resumeCursor;

  OutputLostException(String processId, long lostBytes, long resumeCursor) {
    super(
        Code.DATA_LOSS,
        "OUTPUT_LOST",
        lostBytes
            + " bytes of the output of the process "
            + processId
            + " are kept no more; read on at "
            + resumeCursor
            + ", and give the process a larger output limit or read it sooner",
        Map.of(
            "process_id", processId,
            "lost_bytes", Long.toString(lostBytes),
            "resume_cursor", Long.toString(resumeCursor)),
        false,
        null);
    this.lostBytes = lostBytes;
    this.resumeCursor = resumeCursor;
  }

  /** {@return how many bytes are missing at this place} */
  public long lostBytes() {
    return lostBytes;
  }

  /** {@return the cursor of the first byte after them} */
  public long resumeCursor() {
    return resumeCursor;
  }
}
