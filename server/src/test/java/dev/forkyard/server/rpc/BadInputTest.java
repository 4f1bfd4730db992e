package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.SessionServiceGrpc;
import dev.forkyard.v1.SystemServiceGrpc;
import dev.forkyard.v1.WorkerServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that no client should send, to every method there is. The log must not grow by them. */
class BadInputTest {
  private static final int LIMIT = 4 << 20;
  private static final int WORKER_LIMIT = 32 << 20;
  private static final int ENORMOUS = 3 << 20;
  private static final byte[] TRUNCATED = {0x0a, 0x7f, 1};
  private static final byte[] NO_UTF8 = {0x0a, 2, (byte) 0xc3, 0x28};
  private static TestDaemon daemon;
  private List<String> logBefore = List.of();

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @BeforeEach
  void readLog() {
    logBefore = daemon.log();
  }

  @AfterEach
  void logHasNotGrown() {
    assertThat(daemon.log()).isEqualTo(logBefore);
  }

  /** A method, named for the report. */
  record Method(MethodDescriptor<?, ?> descriptor) {
    @Override
    public String toString() {
      return descriptor.getFullMethodName();
    }
  }

  static Stream<ServiceDescriptor> services() {
    return Stream.of(
        ProcessServiceGrpc.getServiceDescriptor(),
        PoolServiceGrpc.getServiceDescriptor(),
        QueueServiceGrpc.getServiceDescriptor(),
        PipeServiceGrpc.getServiceDescriptor(),
        SessionServiceGrpc.getServiceDescriptor(),
        WorkerServiceGrpc.getServiceDescriptor(),
        SystemServiceGrpc.getServiceDescriptor(),
        HealthGrpc.getServiceDescriptor(),
        ServerReflectionGrpc.getServiceDescriptor());
  }

  static Stream<Method> methods() {
    return services().flatMap(service -> service.getMethods().stream()).map(Method::new);
  }

  private static StatusRuntimeException call(Method method, byte[]... messages) {
    return RawCall.make(daemon.channel(), CallOptions.DEFAULT, method.descriptor(), messages);
  }

  private static StatusRuntimeException zipped(Method method, byte[] message) {
    CallOptions gzip = CallOptions.DEFAULT.withCompression("gzip");
    return RawCall.make(daemon.channel(), gzip, method.descriptor(), message);
  }

  private static int limit(Method method) {
    boolean isWorkers = "forkyard.v1.WorkerService".equals(method.descriptor().getServiceName());
    return isWorkers ? WORKER_LIMIT : LIMIT;
  }

  private static void assertRefused(StatusRuntimeException end, Code code, String reason) {
    assertThat(end.getStatus().getCode()).as("%s", end).isEqualTo(code);
    assertThat(Refusals.reason(end)).isEqualTo(reason);
  }

  /** A well-formed message of fields that nobody knows. */
  private static byte[] unknownFields(int bytes) throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    CodedOutputStream writer = CodedOutputStream.newInstance(message);
    writer.writeInt32(18_999, 7);
    writer.writeByteArray(18_998, new byte[bytes]);
    writer.flush();
    return message.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void truncatedMessageIsRefused(Method method) {
    assertRefused(call(method, TRUNCATED), Code.INVALID_ARGUMENT, "MALFORMED_REQUEST");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void invalidTagIsRefused(Method method) {
    byte[] garbage = new byte[100];
    Arrays.fill(garbage, (byte) 0xff);
    assertRefused(call(method, garbage), Code.INVALID_ARGUMENT, "MALFORMED_REQUEST");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void randomBytesAreNeverAFailureOfTheDaemon(Method method) {
    Random random = new Random(4711);
    for (int i = 0; i < 30; i++) {
      byte[] garbage = new byte[1 + random.nextInt(200)];
      random.nextBytes(garbage);
      assertOurs(call(method, garbage));
    }
    assertOurs(call(method, NO_UTF8));
  }

  private static void assertOurs(StatusRuntimeException end) {
    assertThat(end.getStatus().getCode())
        .as("%s", end)
        .isNotIn(Code.UNKNOWN, Code.INTERNAL, Code.UNAVAILABLE, Code.DATA_LOSS);
    if (end.getStatus().getCode() == Code.INVALID_ARGUMENT) {
      Refusals.reason(end);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void unknownFieldsChangeNothing(Method method) throws IOException {
    StatusRuntimeException empty = call(method, new byte[0]);
    StatusRuntimeException unknown = call(method, unknownFields(10));
    assertOurs(empty);
    assertThat(unknown.getStatus().getCode()).isEqualTo(empty.getStatus().getCode());
    assertThat(StatusProto.fromThrowable(unknown)).isEqualTo(StatusProto.fromThrowable(empty));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void tooLargeMessageIsRefusedWithTheLimit(Method method) throws IOException {
    StatusRuntimeException refused = call(method, unknownFields(limit(method)));
    assertRefused(refused, Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
    assertThat(String.valueOf(StatusProto.fromThrowable(refused)))
        .contains(Integer.toString(limit(method)));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void enormousTextIsNoFailureOfTheDaemonWhateverFieldItIsIn(Method method) {
    ProtoMethodDescriptorSupplier proto =
        (ProtoMethodDescriptorSupplier) method.descriptor().getSchemaDescriptor();
    Descriptor request = Objects.requireNonNull(proto).getMethodDescriptor().getInputType();
    for (DynamicMessage message : enormous(request, 4)) {
      assertOurs(call(method, message.toByteArray()));
    }
  }

  /** Messages of a type that are empty but for one text, somewhere in them. */
  private static List<DynamicMessage> enormous(Descriptor type, int depth) {
    List<DynamicMessage> messages = new ArrayList<>();
    for (FieldDescriptor field : type.getFields()) {
      List<?> values =
          switch (field.getJavaType()) {
            case STRING -> List.of("x".repeat(ENORMOUS));
            case BYTE_STRING -> List.of(ByteString.copyFrom(new byte[ENORMOUS]));
            case MESSAGE -> depth == 0 ? List.of() : enormous(field.getMessageType(), depth - 1);
            default -> List.of();
          };
      for (Object value : values) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        if (field.isRepeated()) {
          message.addRepeatedField(field, value);
        } else {
          message.setField(field, value);
        }
        messages.add(message.build());
      }
    }
    return messages;
  }

  @ParameterizedTest
  @MethodSource("methods")
  void compressionDoesNotRaiseTheLimit(Method method) throws IOException {
    assertRefused(
        zipped(method, unknownFields(limit(method))), Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
    assertOurs(zipped(method, new byte[0]));
    assertRefused(zipped(method, TRUNCATED), Code.INVALID_ARGUMENT, "MALFORMED_REQUEST");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void callWithoutAMessageIsNoFailureOfTheDaemon(Method method) {
    assertOurs(call(method));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void secondMessageIsNoFailureOfTheDaemon(Method method) {
    assertOurs(call(method, TRUNCATED, TRUNCATED));
    assertOurs(call(method, new byte[0], new byte[0]));
  }

  @Test
  void messageBeyondWhatTheTransportReadsIsRefused() throws IOException {
    for (Method method : methods().limit(2).toList()) {
      assertThat(call(method, unknownFields(41 << 20)).getStatus().getCode())
          .isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(zipped(method, unknownFields(41 << 20)).getStatus().getCode())
          .isEqualTo(Code.RESOURCE_EXHAUSTED);
    }
  }

  @Test
  void unknownMethodIsUnimplemented() {
    MethodDescriptor<?, ?> method = ProcessServiceGrpc.getGetProcessMethod();
    Method unknown =
        new Method(method.toBuilder().setFullMethodName("forkyard.v1.ProcessService/No").build());
    assertThat(call(unknown, new byte[0]).getStatus().getCode()).isEqualTo(Code.UNIMPLEMENTED);
  }
}
