package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest {
  private static ForkyardException refusal(String reason) {
    ErrorInfo info = ErrorInfo.newBuilder().setReason(reason).setDomain("forkyard.dev").build();
    Status status =
        Status.newBuilder()
            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
            .setMessage("no")
            .addDetails(Any.pack(info))
            .build();
    return Errors.root(StatusProto.toStatusRuntimeException(status));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "QUEUE_FULL",
        "PIPE_FULL",
        "POOL_FULL",
        "INPUT_FULL",
        "TOO_MANY_WAITERS",
        "TOO_MANY_PROCESSES",
        "TOO_MANY_POOLS",
        "TOO_MANY_LEASES",
        "TOO_MANY_QUEUES",
        "TOO_MANY_PIPES",
        "TOO_MANY_SESSIONS",
        "SYSTEM_LIMIT"
      })
  void whatMayPassByItselfCanBeTriedAgain(String reason) {
    assertThat(refusal(reason).reason()).isEqualTo(reason);
    assertThat(refusal(reason).isRetryable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"BATCH_TOO_LARGE", "MESSAGE_TOO_LARGE", "WATCH_TOO_SLOW", "TOO_MANY_WORKERS"})
  void whatTheRequestItselfIsToBlameForCannot(String reason) {
    assertThat(refusal(reason).isRetryable()).isFalse();
  }

  private static Stream<io.grpc.Status> breaks() {
    return Stream.of(
        io.grpc.Status.CANCELLED.withDescription(
            "RST_STREAM closed stream. HTTP/2 error code: CANCEL"),
        io.grpc.Status.UNKNOWN.withDescription("channel closed"),
        io.grpc.Status.UNAVAILABLE);
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void callThatABreakOrTheEndOfTheDaemonEndsIsAsLostAsItsConnection(io.grpc.Status status) {
    ForkyardException lost = Errors.root(status.asRuntimeException());
    assertThat(lost.reason()).isEqualTo("CONNECTION_LOST");
    assertThat(lost.code()).isEqualTo(ForkyardException.Code.UNAVAILABLE);
    assertThat(lost.isRetryable()).isTrue();
  }

  @Test
  void callThatTheCallerHasCancelledIsNotLost() {
    ForkyardException own =
        Errors.root(io.grpc.Status.CANCELLED.withDescription("enough").asRuntimeException());
    assertThat(own.reason()).isEmpty();
  }
}
