package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.GetSystemInfoResponse;
import dev.forkyard.v1.SystemServiceGrpc;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is always on: health, reflection, and what the daemon says of itself. */
class SystemTest {
  private static TestDaemon daemon;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  private static ServerReflectionResponse reflect(ServerReflectionRequest request)
      throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(daemon.channel())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(request);
    ServerReflectionResponse response =
        answer.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    requests.onCompleted();
    return response;
  }

  private static List<FileDescriptorProto> filesOf(String symbol) throws Exception {
    ServerReflectionResponse response =
        reflect(ServerReflectionRequest.newBuilder().setFileContainingSymbol(symbol).build());
    List<FileDescriptorProto> files = new ArrayList<>();
    for (ByteString file : response.getFileDescriptorResponse().getFileDescriptorProtoList()) {
      files.add(FileDescriptorProto.parseFrom(file));
    }
    return files;
  }

  @Test
  void reflectionListsTheServicesAndNoOther() throws Exception {
    ServerReflectionResponse response =
        reflect(ServerReflectionRequest.newBuilder().setListServices("*").build());
    assertThat(response.getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .containsExactlyInAnyOrderElementsOf(
            BadInputTest.services().map(ServiceDescriptor::getName).toList());
  }

  @Test
  void reflectionDescribesEveryServiceWithTheTypesOfItsRefusals() throws Exception {
    for (ServiceDescriptor service : BadInputTest.services().toList()) {
      assertThat(filesOf(service.getName())).as(service.getName()).isNotEmpty();
    }
    assertThat(filesOf("google.rpc.ErrorInfo"))
        .extracting(FileDescriptorProto::getName)
        .contains("google/rpc/error_details.proto");
    assertThat(filesOf("google.rpc.BadRequest")).isNotEmpty();
  }

  @Test
  void healthIsServing() {
    var health = HealthGrpc.newBlockingStub(daemon.channel());
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void systemInfoTellsTheTruthAboutTheDaemon() {
    GetSystemInfoResponse info =
        SystemServiceGrpc.newBlockingStub(daemon.channel())
            .getSystemInfo(GetSystemInfoRequest.getDefaultInstance());
    assertThat(info.getPid()).isEqualTo((int) daemon.process().pid());
    assertThat(info.getVersion()).matches("\\d+\\.\\d+\\..+");
    assertThat(info.getInstanceId()).isNotEmpty();
    assertThat(info.getJavaVersion()).isEqualTo(Runtime.version().toString());
    assertThat(info.getProcessors()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(info.getLimits().getMessageBytes()).isEqualTo(4 << 20);
    assertThat(info.getLimits().getWaitingCalls()).isEqualTo(10_000);
    assertThat(info.getCounts().getProcesses()).isZero();
    assertThat(info.getCounts().getSessions()).isZero();
    assertThat(info.getCapabilitiesList()).contains("process.command", "queue", "pipe", "pool");
  }
}
