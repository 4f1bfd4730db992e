package dev.forkyard.server.rpc;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The one place where refusals become statuses. A status travels in headers, of which clients take
 * 8 KiB, the sentence up to three times and in longer encodings; so long texts of the caller are
 * shortened.
 */
final class Refusals {
  static final int MOST_SENTENCE_BYTES = 600;
  private static final int MOST_VARIABLE_BYTES = 256;
  private static final Logger log = Logger.getLogger(Refusals.class.getName());
  private static final String DOMAIN = "forkyard.dev";

  private Refusals() {}

  static StatusRuntimeException exception(Fault fault) {
    return StatusProto.toStatusRuntimeException(status(fault));
  }

  static Status status(Fault fault) {
    String sentence = Shortened.to(MOST_SENTENCE_BYTES, fault.sentence());
    Map<String, String> metadata = new HashMap<>(fault.metadata());
    metadata.replaceAll((name, value) -> Shortened.to(MOST_VARIABLE_BYTES, value));
    Status.Builder status =
        Status.newBuilder()
            .setCode(code(fault.reason().kind()).value())
            .setMessage(sentence)
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(fault.reason().name())
                        .setDomain(DOMAIN)
                        .putAllMetadata(metadata)
                        .build()));
    String field = metadata.get("field");
    if (field != null) {
      status.addDetails(
          Any.pack(
              BadRequest.newBuilder()
                  .addFieldViolations(
                      BadRequest.FieldViolation.newBuilder()
                          .setField(field)
                          .setDescription(sentence))
                  .build()));
    }
    return status.build();
  }

  private static Code code(Reason.Kind kind) {
    return Code.valueOf(kind.name());
  }

  /** What a caller is told of a bug; the log has the rest. */
  static Fault bug(String where, Throwable bug) {
    log.log(Level.SEVERE, where + " failed", bug);
    return new Fault(
        Reason.INTERNAL,
        "The daemon failed to carry this out; its log says why. Please report it.");
  }

  /** The end of a stream whose client lets answers pile up. */
  static Fault clientDoesNotRead() {
    return new Fault(
            Reason.MESSAGE_TOO_LARGE,
            "The client does not read: more than "
                + Batcher.MOST_WAITING_BYTES
                + " bytes of replies were waiting. Read faster, or have fewer calls under way.")
        .with("limit", Batcher.MOST_WAITING_BYTES);
  }
}
