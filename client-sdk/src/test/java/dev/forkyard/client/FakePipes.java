package dev.forkyard.client;

import com.google.rpc.Code;
import dev.forkyard.client.internal.Refusals;
import dev.forkyard.v1.ClosePipeEndRequest;
import dev.forkyard.v1.ClosePipeEndResponse;
import dev.forkyard.v1.PipeServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.Map;

/** Refuses to close ends of pipes. */
final class FakePipes extends PipeServiceGrpc.PipeServiceImplBase {
  volatile String refusal = "";

  @Override
  public void closePipeEnd(
      ClosePipeEndRequest request, StreamObserver<ClosePipeEndResponse> answer) {
    answer.onError(Refusals.of(Code.FAILED_PRECONDITION, refusal, "refused", Map.of()));
  }
}
