package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Reads refusals as a client does, and checks the form that every one of them has. */
public final class Refusals {
  private Refusals() {}

  /** The reason of a refusal; fails when there is not exactly one, or its domain is another. */
  public static String reason(Status status) {
    return info(status).getReason();
  }

  /** The variables of a refusal, by name. */
  public static Map<String, String> metadata(Throwable refused) {
    Status status = StatusProto.fromThrowable(refused);
    assertThat(status).as("status of %s", refused).isNotNull();
    return info(status).getMetadataMap();
  }

  private static ErrorInfo info(Status status) {
    var infos =
        status.getDetailsList().stream()
            .filter(detail -> detail.is(ErrorInfo.class))
            .map(Refusals::unpack)
            .toList();
    assertThat(infos).as("ErrorInfo of %s", status).hasSize(1);
    assertThat(infos.get(0).getDomain()).isEqualTo("forkyard.dev");
    assertThat(infos.get(0).getReason()).matches("[A-Z][A-Z_]+");
    assertThat(status.getMessage()).endsWith(".");
    return infos.get(0);
  }

  private static ErrorInfo unpack(Any detail) {
    try {
      return detail.unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  public static String reason(Throwable refused) {
    Status status = StatusProto.fromThrowable(refused);
    assertThat(status).as("status of %s", refused).isNotNull();
    return reason(status);
  }

  /** Checks that a call is refused with a code and a reason. */
  public static void assertRefused(Code code, String reason, ThrowingCallable call) {
    Throwable refused = catchThrowable(call);
    assertThat(refused).as("the refusal " + reason).isNotNull();
    assertThat(io.grpc.Status.fromThrowable(refused).getCode()).as("%s", refused).isEqualTo(code);
    assertThat(reason(refused)).isEqualTo(reason);
  }
}
