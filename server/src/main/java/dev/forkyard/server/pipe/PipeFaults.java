package dev.forkyard.server.pipe;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import java.util.Locale;

/** What a pipe refuses, in words. */
record PipeFaults(String id, long capacityBytes) {
  static final Registry.Kind KIND =
      new Registry.Kind(
          "pipe", "p", Reason.PIPE_NOT_FOUND, Reason.PIPE_EXISTS, Reason.TOO_MANY_PIPES);

  Fault notFound() {
    return KIND.faultOfMissing(id);
  }

  Fault broken(Side side) {
    return of(
            Reason.PIPE_BROKEN,
            "Nobody is left at the "
                + side.other()
                + " end of pipe \""
                + id
                + "\": its holders have closed it or died. Nothing was sent.")
        .with("side", side);
  }

  Fault endClosed(Side side) {
    return of(
            Reason.PIPE_END_CLOSED,
            "This session has closed the " + side + " end of pipe \"" + id + "\".")
        .with("side", side);
  }

  Fault endGone(Side side) {
    return of(
            Reason.PIPE_END_CLOSED,
            "The "
                + side
                + " end of pipe \""
                + id
                + "\" is closed for good: everybody who had it has closed it or died.")
        .with("side", side);
  }

  Fault full() {
    return of(
            Reason.PIPE_FULL,
            "Pipe \""
                + id
                + "\" had no room in time, and nothing was sent; receive at the other end, wait"
                + " longer, or give it a larger capacity.")
        .with("capacity_bytes", capacityBytes);
  }

  Fault tooLarge(long bytes) {
    return of(
            Reason.BATCH_TOO_LARGE,
            "Several messages of "
                + bytes
                + " bytes together can never fit into pipe \""
                + id
                + "\", which holds "
                + capacityBytes
                + " bytes; send fewer at a time.")
        .with("bytes", bytes)
        .with("capacity_bytes", capacityBytes);
  }

  Fault tooLong(int bytes, int mostBytes) {
    return of(
            Reason.MESSAGE_TOO_LONG,
            "The next message of pipe \""
                + id
                + "\" has "
                + bytes
                + " bytes and was not received; allow as many, or receive without a limit.")
        .with("bytes", bytes)
        .with("max_bytes", mostBytes);
  }

  Fault readOnly(Side side) {
    return simplex(Reason.PIPE_READ_ONLY, side, "receives; send at the right end");
  }

  Fault writeOnly(Side side) {
    return simplex(Reason.PIPE_WRITE_ONLY, side, "sends; receive at the left end");
  }

  private Fault simplex(Reason reason, Side side, String what) {
    return of(
            reason,
            "Pipe \""
                + id
                + "\" is simplex, and its "
                + side.name().toLowerCase(Locale.ROOT)
                + " end only "
                + what
                + ", or create a pipe for both directions.")
        .with("side", side.name());
  }

  Fault cancelled() {
    return of(
        Reason.CALL_CANCELLED, "The call was cancelled while it waited; nothing was changed.");
  }

  private Fault of(Reason reason, String sentence) {
    return new Fault(reason, sentence).with("pipe_id", id);
  }
}
