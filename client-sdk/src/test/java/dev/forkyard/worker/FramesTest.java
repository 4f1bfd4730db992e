package dev.forkyard.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.forkyard.v1.Assign;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Drain;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureCause;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.WorkerFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramesTest {
  @Test
  void helloIsWhatTheGeneratedClassReads() throws IOException {
    assertThat(parse(Frames.hello("t\u00f6ken")).getHello())
        .isEqualTo(
            Hello.newBuilder()
                .setToken("t\u00f6ken")
                .setProtocolVersion(1)
                .setLanguage("java")
                .build());
  }

  @Test
  void resultsAreWhatTheGeneratedClassReads() throws IOException {
    for (int number : new int[] {0, 1, 127, 128, Integer.MAX_VALUE, -1}) {
      ProtoWriter frame =
          Frames.results(
              number, 300, 2, ByteBuffer.wrap("[1,2]".getBytes(UTF_8)), new ProtoWriter());

      assertThat(parse(frame).getResults())
          .isEqualTo(
              ChunkResults.newBuilder()
                  .setNumber(number)
                  .setFirst(300)
                  .setCount(2)
                  .setResults(Payload.newBuilder().setJson("[1,2]"))
                  .build());
    }
  }

  @Test
  void failureIsWhatTheGeneratedClassReads() throws IOException {
    FailureReport report =
        new FailureReport(
            FailureReport.Kind.ENCODE_ERROR,
            "T",
            "m".repeat(1000),
            "stack",
            List.of(new FailureReport.Cause("A", "a"), new FailureReport.Cause("B", "")));

    assertThat(parse(Frames.failure(7, 8, report)).getFailure())
        .isEqualTo(
            CallFailure.newBuilder()
                .setNumber(7)
                .setIndex(8)
                .setFailure(
                    Failure.newBuilder()
                        .setKind(FailureKind.FAILURE_KIND_ENCODE_ERROR)
                        .setType("T")
                        .setMessage("m".repeat(1000))
                        .setStackText("stack")
                        .addCauses(FailureCause.newBuilder().setType("A").setMessage("a"))
                        .addCauses(FailureCause.newBuilder().setType("B"))
                        .setLanguage("java"))
                .build());
  }

  @Test
  void kindsOfFailureHaveTheNumbersOfTheProto() {
    for (FailureReport.Kind kind : FailureReport.Kind.values()) {
      assertThat(FailureKind.forNumber(kind.number())).hasToString("FAILURE_KIND_" + kind.name());
    }
  }

  @Test
  void assignmentIsReadWithUnknownFieldsSkipped() throws IOException {
    Assign assign = assign().toBuilder().setUnknownFields(unknownFields()).build();
    DaemonFrame frame =
        DaemonFrame.newBuilder().setAssign(assign).setUnknownFields(unknownFields()).build();

    Order order = Order.read(frame.toByteArray());

    assertThat(order)
        .isEqualTo(
            new Order.Assignment(
                1 << 30, "a.B::c", "(I)I", 200, 300, ByteBuffer.wrap("[[1]]".getBytes(UTF_8))));
  }

  @Test
  void assignmentOfDefaultsIsRead() throws IOException {
    DaemonFrame frame = DaemonFrame.newBuilder().setAssign(Assign.getDefaultInstance()).build();

    assertThat(Order.read(frame.toByteArray()))
        .isEqualTo(new Order.Assignment(0, "", "", 0, 0, null));
  }

  @Test
  void drainIsRead() throws IOException {
    DaemonFrame frame = DaemonFrame.newBuilder().setDrain(Drain.getDefaultInstance()).build();

    assertThat(Order.read(frame.toByteArray())).isEqualTo(new Order.Drain());
  }

  @Test
  void frameOfALaterVersionIsNoOrder() throws IOException {
    DaemonFrame frame = DaemonFrame.newBuilder().setUnknownFields(unknownFields()).build();

    assertThat(Order.read(frame.toByteArray())).isNull();
  }

  @Test
  void truncatedFrameIsRefused() {
    byte[] whole = DaemonFrame.newBuilder().setAssign(assign()).build().toByteArray();

    for (int length = 1; length < whole.length; length++) {
      byte[] part = ByteString.copyFrom(whole, 0, length).toByteArray();
      assertThatThrownBy(() -> Order.read(part)).isInstanceOf(IOException.class);
    }
  }

  private static Assign assign() {
    return Assign.newBuilder()
        .setNumber(1 << 30)
        .setFunction(Function.newBuilder().setName("a.B::c").setSignature("(I)I"))
        .setFirst(200)
        .setCount(300)
        .setArguments(Payload.newBuilder().setJson("[[1]]"))
        .build();
  }

  private static UnknownFieldSet unknownFields() {
    UnknownFieldSet.Field field =
        UnknownFieldSet.Field.newBuilder()
            .addVarint(-1)
            .addFixed32(5)
            .addFixed64(6)
            .addLengthDelimited(ByteString.copyFromUtf8("x"))
            .build();
    return UnknownFieldSet.newBuilder().addField(99, field).build();
  }

  private static WorkerFrame parse(ProtoWriter frame) throws InvalidProtocolBufferException {
    return WorkerFrame.parseFrom(ByteString.copyFrom(frame.toBuffer()));
  }
}
