package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.process.ProcessIo;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.CloseInputRequest;
import dev.forkyard.v1.CloseInputResponse;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.FollowOutputResponse;
import dev.forkyard.v1.WriteInputRequest;
import dev.forkyard.v1.WriteInputResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** The calls of ProcessService that write input and follow output. */
final class IoCalls {
  private final OpenCalls open;
  private final WaiterLimit limit;
  private final ProcessManager processes;
  private final ProcessIo io;

  IoCalls(OpenCalls open, WaiterLimit limit, ProcessManager processes, ProcessIo io) {
    this.open = open;
    this.limit = limit;
    this.processes = processes;
    this.io = io;
  }

  void write(WriteInputRequest request, Reply<WriteInputResponse> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    io.writeInput(
        request.getProcessId(),
        content(request),
        timeout,
        reply.from(total -> WriteInputResponse.newBuilder().setAcceptedBytes(total).build()));
  }

  private static byte[] content(WriteInputRequest request) {
    return switch (request.getContentCase()) {
      case DATA -> request.getData().toByteArray();
      case TEXT -> request.getTextBytes().toByteArray();
      case CONTENT_NOT_SET ->
          throw Fault.invalid("content", "There is nothing to write: set data, or text.");
    };
  }

  void close(CloseInputRequest request, Reply<CloseInputResponse> reply) {
    io.closeInput(
        request.getProcessId(),
        reply.from(closed -> CloseInputResponse.newBuilder().setClosed(closed).build()));
  }

  void follow(FollowOutputRequest request, StreamObserver<FollowOutputResponse> observer) {
    FollowStream.begin(
        open, io, request, (ServerCallStreamObserver<FollowOutputResponse>) observer);
  }

  StreamObserver<AttachProcessRequest> attach(StreamObserver<AttachProcessResponse> observer) {
    return new AttachStream(
            open, limit, processes, io, (ServerCallStreamObserver<AttachProcessResponse>) observer)
        .begin();
  }
}
