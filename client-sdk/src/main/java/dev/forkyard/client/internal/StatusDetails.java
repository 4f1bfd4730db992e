package dev.forkyard.client.internal;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.jspecify.annotations.Nullable;

/** Reads what a refusal carries beside its code. */
public final class StatusDetails {
  /** Key of the trailer that carries a {@code google.rpc.Status}. */
  static final Metadata.Key<byte[]> KEY =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private StatusDetails() {}

  /**
   * {@return the reason of a refusal; null if it carries none}
   *
   * @param refusal the refusal
   */
  public static @Nullable ErrorInfo errorInfo(StatusRuntimeException refusal) {
    com.google.rpc.Status status = StatusProto.fromThrowable(refusal);
    if (status == null) {
      return null;
    }
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException e) {
          return null;
        }
      }
    }
    return null;
  }

  /**
   * {@return whether a refusal has this reason}
   *
   * @param refusal the refusal
   * @param reason the reason
   */
  public static boolean hasReason(StatusRuntimeException refusal, String reason) {
    ErrorInfo info = errorInfo(refusal);
    return info != null && info.getReason().equals(reason);
  }

  /**
   * {@return whether a status that came without a reason tells that the connection broke} While it
   * breaks, or the daemon ends, a call may also be reset or find the channel closed. Others, such
   * as that a message was too large or that the caller has cancelled, do not.
   *
   * @param status the status
   */
  public static boolean isBreak(Status status) {
    String description = status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE, UNKNOWN -> true;
      case CANCELLED -> description == null || description.contains("HTTP/2 error code");
      default -> false;
    };
  }
}
