package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Failure;
import dev.forkyard.v1.Payload;

/**
 * How much a call may return. A result that no client could receive is a failure of its call, and
 * of nothing else.
 */
final class ResultLimit {
  /** Of one result, as UTF-8 for text. Clients take messages of 16 MiB. */
  static final int MOST_BYTES = 15 << 20;

  private ResultLimit() {}

  static boolean allows(Payload result) {
    return result.getSerializedSize() <= MOST_BYTES || bytes(result) <= MOST_BYTES;
  }

  private static int bytes(Payload result) {
    return result.hasData() ? result.getData().size() : result.getJsonBytes().size();
  }

  /** Why a call has no result although it returned. */
  static Failure exceeded(Payload result) {
    return Failure.of(
        Failure.Kind.ENCODE_ERROR,
        "The result has "
            + bytes(result)
            + " bytes, but a result has at most "
            + MOST_BYTES
            + "; return less, or pass large data by file.");
  }
}
