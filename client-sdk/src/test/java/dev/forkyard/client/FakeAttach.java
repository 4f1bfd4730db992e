package dev.forkyard.client;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.forkyard.client.internal.Refusals;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.Attached;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.GetProcessResponse;
import dev.forkyard.v1.InputAccepted;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessExit;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A process that writes what it reads, and exits at the end of its input. */
final class FakeAttach extends ProcessServiceGrpc.ProcessServiceImplBase {
  final List<AttachProcessRequest> requests = new CopyOnWriteArrayList<>();
  final CountDownLatch detached = new CountDownLatch(1);
  volatile int window = 10;
  volatile int mostUnaccepted;
  private static final ProcessInfo INFO =
      ProcessInfo.newBuilder().setProcessId("p").setCwd("/").build();

  @Override
  public void getProcess(GetProcessRequest request, StreamObserver<GetProcessResponse> answer) {
    answer.onNext(GetProcessResponse.newBuilder().setProcess(INFO).build());
    answer.onCompleted();
  }

  @Override
  public StreamObserver<AttachProcessRequest> attachProcess(
      StreamObserver<AttachProcessResponse> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(AttachProcessRequest request) {
        requests.add(request);
        switch (request.getActionCase()) {
          case OPEN -> answers.onNext(attached());
          case INPUT -> echo(request.getInput(), answers);
          case END_OF_INPUT -> exit(answers);
          case SIGNAL ->
              answers.onError(
                  Refusals.of(
                      Code.INVALID_ARGUMENT, "UNKNOWN_SIGNAL", "as the test wants", Map.of()));
          default -> {}
        }
      }

      @Override
      public void onError(Throwable error) {
        detached.countDown();
      }

      @Override
      public void onCompleted() {
        detached.countDown();
        answers.onCompleted();
      }
    };
  }

  private AttachProcessResponse attached() {
    return AttachProcessResponse.newBuilder()
        .setAttached(Attached.newBuilder().setInputWindowBytes(window).setProcess(INFO))
        .build();
  }

  private void echo(ByteString input, StreamObserver<AttachProcessResponse> answers) {
    mostUnaccepted = Math.max(mostUnaccepted, input.size());
    answers.onNext(
        AttachProcessResponse.newBuilder()
            .setOutput(
                OutputPiece.newBuilder()
                    .setStream(OutputStream.OUTPUT_STREAM_STDERR)
                    .setData(input))
            .build());
    answers.onNext(
        AttachProcessResponse.newBuilder()
            .setInputAccepted(InputAccepted.newBuilder().setBytes(input.size()))
            .build());
  }

  private static void exit(StreamObserver<AttachProcessResponse> answers) {
    answers.onNext(
        AttachProcessResponse.newBuilder()
            .setExited(INFO.toBuilder().setExit(ProcessExit.newBuilder().setCode(4)))
            .build());
    answers.onCompleted();
  }
}
