package dev.forkyard.client.internal;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;

/**
 * Makes the refusals that the client finds by itself, in the form in which the daemon sends its
 * own.
 */
public final class Refusals {
  /** Domain of every reason. */
  public static final String DOMAIN = "forkyard.dev";

  private Refusals() {}

  /**
   * Makes a refusal.
   *
   * @param code the gRPC status code
   * @param reason the machine-readable reason
   * @param message what is wrong and what to do
   * @param metadata the variables of the message
   * @return the refusal
   */
  public static StatusRuntimeException of(
      Code code, String reason, String message, Map<String, String> metadata) {
    ErrorInfo info =
        ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(reason).putAllMetadata(metadata).build();
    return StatusProto.toStatusRuntimeException(
        Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(message)
            .addDetails(Any.pack(info))
            .build());
  }
}
