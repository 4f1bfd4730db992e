package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.v1.ClosePipeEndRequest;
import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.CreatePipeResponse;
import dev.forkyard.v1.DeletePipeRequest;
import dev.forkyard.v1.DeletePipeResponse;
import dev.forkyard.v1.GetPipeRequest;
import dev.forkyard.v1.Handle;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PipeInfo;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PipeServiceGrpc.PipeServiceBlockingStub;
import dev.forkyard.v1.PipeSide;
import dev.forkyard.v1.PollPipeRequest;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.SendMessagesRequest;
import io.grpc.Status.Code;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What makes no sense to a pipe is refused with its field, and the pipe is as it was. */
class PipeRefusalsTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private PipeInfo before;

  private static PipeServiceBlockingStub pipes() {
    return PipeServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  private static PipeInfo pipe(String id) {
    return pipes().getPipe(GetPipeRequest.newBuilder().setPipeId(id).build()).getPipe();
  }

  @BeforeEach
  void create() {
    CreatePipeRequest request =
        CreatePipeRequest.newBuilder().setPipeId("both").setCapacityBytes(100).build();
    CreatePipeResponse unused = pipes().createPipe(request);
    CreatePipeResponse unusedToo =
        pipes().createPipe(request.toBuilder().setPipeId("simple").setSimplex(true).build());
    before = pipe("both");
  }

  @AfterEach
  void delete() {
    assertThat(pipe("both")).isEqualTo(before);
    assertThat(pipe("simple"))
        .isEqualTo(before.toBuilder().setPipeId("simple").setSimplex(true).build());
    for (String id : List.of("both", "simple")) {
      DeletePipeResponse unused =
          pipes().deletePipe(DeletePipeRequest.newBuilder().setPipeId(id).build());
    }
  }

  private static SendMessagesRequest.Builder send() {
    return SendMessagesRequest.newBuilder()
        .setPipeId("both")
        .setSide(PipeSide.PIPE_SIDE_LEFT)
        .addMessages(Payload.newBuilder().setJson("1"))
        .setTimeout(Duration.getDefaultInstance());
  }

  private static ReceiveMessagesRequest.Builder receive() {
    return ReceiveMessagesRequest.newBuilder()
        .setPipeId("both")
        .setSide(PipeSide.PIPE_SIDE_LEFT)
        .setTimeout(Duration.getDefaultInstance());
  }

  private static PollPipeRequest.Builder poll() {
    return PollPipeRequest.newBuilder()
        .setPipeId("both")
        .setSide(PipeSide.PIPE_SIDE_LEFT)
        .setTimeout(Duration.getDefaultInstance());
  }

  private static void assertInvalid(String field, ThrowingCallable call) {
    Throwable refused = catchThrowable(call);
    assertThat(refused).as(field).isNotNull();
    assertThat(Refusals.reason(refused)).isEqualTo("INVALID_ARGUMENT");
    assertThat(Refusals.metadata(refused)).containsEntry("field", field);
  }

  @Test
  void optionsOfAPipe() {
    CreatePipeRequest.Builder create = CreatePipeRequest.newBuilder();
    assertInvalid("pipe_id", () -> pipes().createPipe(create.clone().setPipeId("A b").build()));
    assertInvalid(
        "capacity_bytes", () -> pipes().createPipe(create.clone().setCapacityBytes(-1).build()));
    assertInvalid(
        "capacity_bytes",
        () -> pipes().createPipe(create.clone().setCapacityBytes((1L << 30) + 1).build()));
    assertInvalid(
        "request_id",
        () -> pipes().createPipe(create.clone().setRequestId("x".repeat(129)).build()));
    Refusals.assertRefused(
        Code.ALREADY_EXISTS,
        "PIPE_EXISTS",
        () -> pipes().createPipe(create.clone().setPipeId("both").build()));
  }

  @Test
  void sidesThatAreNone() {
    assertInvalid("side", () -> pipes().sendMessages(send().clearSide().build()));
    assertInvalid("side", () -> pipes().sendMessages(send().setSideValue(9).build()));
    assertInvalid("side", () -> pipes().receiveMessages(receive().clearSide().build()));
    assertInvalid("side", () -> pipes().pollPipe(poll().clearSide().build()));
    assertInvalid(
        "side",
        () -> pipes().closePipeEnd(ClosePipeEndRequest.newBuilder().setPipeId("both").build()));
  }

  @Test
  void messagesThatAreNone() {
    assertInvalid("messages", () -> pipes().sendMessages(send().clearMessages().build()));
    Refusals.assertRefused(
        Code.INVALID_ARGUMENT,
        "PAYLOAD_EMPTY",
        () -> pipes().sendMessages(send().addMessages(Payload.getDefaultInstance()).build()));
    Payload toNothing =
        Payload.newBuilder().setJson("1").addHandles(Handle.getDefaultInstance()).build();
    assertInvalid("handles", () -> pipes().sendMessages(send().addMessages(toNothing).build()));
  }

  @Test
  void numbersAndTimesThatAreNone() {
    Duration negative = Duration.newBuilder().setSeconds(-1).build();
    assertInvalid("timeout", () -> pipes().sendMessages(send().setTimeout(negative).build()));
    assertInvalid("timeout", () -> pipes().receiveMessages(receive().setTimeout(negative).build()));
    assertInvalid("timeout", () -> pipes().pollPipe(poll().setTimeout(negative).build()));
    for (int most : List.of(-1, 10_001, Integer.MIN_VALUE)) {
      assertInvalid(
          "max_messages", () -> pipes().receiveMessages(receive().setMaxMessages(most).build()));
    }
    for (int most : List.of(-1, Integer.MIN_VALUE)) {
      assertInvalid(
          "max_bytes", () -> pipes().receiveMessages(receive().setMaxBytes(most).build()));
    }
    assertInvalid(
        "request_id", () -> pipes().sendMessages(send().setRequestId("x".repeat(129)).build()));
  }

  @Test
  void namesOfNobody() {
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> pipes().sendMessages(send().setSessionId("nobody").build()),
            () -> pipes().receiveMessages(receive().setSessionId("nobody").build()),
            () -> pipes().pollPipe(poll().setSessionId("nobody").build()),
            () ->
                pipes()
                    .createPipe(
                        CreatePipeRequest.newBuilder().setOwnerSessionId("nobody").build()))) {
      Refusals.assertRefused(Code.NOT_FOUND, "SESSION_NOT_FOUND", call);
    }
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> pipes().sendMessages(send().setPipeId("nobody").build()),
            () -> pipes().receiveMessages(receive().setPipeId("nobody").build()),
            () -> pipes().pollPipe(poll().setPipeId("nobody").build()))) {
      Refusals.assertRefused(Code.NOT_FOUND, "PIPE_NOT_FOUND", call);
    }
    assertInvalid("pipe_id", () -> pipes().pollPipe(poll().clearPipeId().build()));
  }

  @Test
  void wrongEndOfASimplexPipeIsRefusedWithTheEndThatIsMeant() {
    SendMessagesRequest toTheRight = send().setPipeId("simple").build();
    Throwable readOnly = catchThrowable(() -> pipes().sendMessages(toTheRight));
    assertThat(Refusals.reason(readOnly)).isEqualTo("PIPE_READ_ONLY");
    assertThat(Refusals.metadata(readOnly))
        .containsExactlyInAnyOrderEntriesOf(Map.of("pipe_id", "simple", "side", "LEFT"));
    assertThat(readOnly).hasMessageContaining("send at the right end");
    PollPipeRequest atTheRight =
        poll().setPipeId("simple").setSide(PipeSide.PIPE_SIDE_RIGHT).build();
    Throwable writeOnly = catchThrowable(() -> pipes().pollPipe(atTheRight));
    assertThat(Refusals.reason(writeOnly)).isEqualTo("PIPE_WRITE_ONLY");
    assertThat(writeOnly).hasMessageContaining("receive at the left end");
  }

  @Test
  void messageThatIsTooLongIsRefusedWithItsLength() {
    String pipe = pipes().createPipe(CreatePipeRequest.getDefaultInstance()).getPipe().getPipeId();
    assertThat(
            pipes()
                .sendMessages(
                    send()
                        .setPipeId(pipe)
                        .setMessages(0, Payload.newBuilder().setJson("\"long\""))
                        .build()))
        .isNotNull();
    ReceiveMessagesRequest.Builder receive =
        receive().setPipeId(pipe).setSide(PipeSide.PIPE_SIDE_RIGHT);
    Throwable tooLong =
        catchThrowable(() -> pipes().receiveMessages(receive.clone().setMaxBytes(5).build()));
    assertThat(Refusals.reason(tooLong)).isEqualTo("MESSAGE_TOO_LONG");
    assertThat(Refusals.metadata(tooLong))
        .containsEntry("bytes", "6")
        .containsEntry("max_bytes", "5");
    assertThat(pipes().receiveMessages(receive.setMaxBytes(6).build()).getMessages(0).getJson())
        .isEqualTo("\"long\"");
    DeletePipeResponse unused =
        pipes().deletePipe(DeletePipeRequest.newBuilder().setPipeId(pipe).build());
  }
}
