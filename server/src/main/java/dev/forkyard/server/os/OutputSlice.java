package dev.forkyard.server.os;

/**
 * Neighbouring bytes of one stream, read from a position.
 *
 * @param bytes what is there; empty when there is nothing (yet)
 * @param start position of the first of them, which is after the one asked for when that is gone
 * @param dropped how many bytes between the position asked for and {@code start} are gone
 * @param late written after the exit of the process, by somebody whom it left behind
 * @param closed nothing that comes later continues these bytes: the process has ended here, or what
 *     followed is gone
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record OutputSlice(byte[] bytes, long start, long dropped, boolean late, boolean closed) {

  /** Where the next read begins. */
  public long next() {
    return start + bytes.length;
  }
}
