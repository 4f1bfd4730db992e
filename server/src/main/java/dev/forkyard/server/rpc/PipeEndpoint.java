package dev.forkyard.server.rpc;

import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.ClosePipeEndRequest;
import dev.forkyard.v1.ClosePipeEndResponse;
import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.CreatePipeResponse;
import dev.forkyard.v1.DeletePipeRequest;
import dev.forkyard.v1.DeletePipeResponse;
import dev.forkyard.v1.GetPipeRequest;
import dev.forkyard.v1.GetPipeResponse;
import dev.forkyard.v1.PipeInfo;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.ReceiveMessagesResponse;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SendMessagesResponse;
import io.grpc.stub.StreamObserver;

/** PipeService. */
final class PipeEndpoint extends PipeServiceGrpc.PipeServiceImplBase {
  private final UnaryCalls calls;
  private final PipeManager pipes;
  private final HotOperations operations;
  private final Sessions sessions;
  private final Caller unary;

  PipeEndpoint(UnaryCalls calls, PipeManager pipes, HotOperations operations, Sessions sessions) {
    this.calls = calls;
    this.pipes = pipes;
    this.operations = operations;
    this.sessions = sessions;
    this.unary = new Caller(sessions, null);
  }

  @Override
  public void createPipe(CreatePipeRequest request, StreamObserver<CreatePipeResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Owner owner = new Owner(sessions.getIfNamed(request.getOwnerSessionId()));
          PipeInfo pipe =
              PipeMessages.wire(
                  pipes.create(request.getPipeId(), request.getCapacityBytes(), owner));
          reply.answer(CreatePipeResponse.newBuilder().setPipe(pipe).build());
        });
  }

  @Override
  public void getPipe(GetPipeRequest request, StreamObserver<GetPipeResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PipeInfo pipe = PipeMessages.wire(pipes.get(request.getPipeId()));
          reply.answer(GetPipeResponse.newBuilder().setPipe(pipe).build());
        });
  }

  @Override
  public void sendMessages(
      SendMessagesRequest request, StreamObserver<SendMessagesResponse> observer) {
    calls.run(observer, reply -> operations.sendMessages(request, unary, reply));
  }

  @Override
  public void receiveMessages(
      ReceiveMessagesRequest request, StreamObserver<ReceiveMessagesResponse> observer) {
    calls.run(observer, reply -> operations.receiveMessages(request, unary, reply));
  }

  @Override
  public void closePipeEnd(
      ClosePipeEndRequest request, StreamObserver<ClosePipeEndResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PipeInfo pipe =
              PipeMessages.wire(
                  pipes.close(
                      request.getPipeId(),
                      PipeMessages.side(request.getSide()),
                      sessions.getIfNamed(request.getSessionId())));
          reply.answer(ClosePipeEndResponse.newBuilder().setPipe(pipe).build());
        });
  }

  @Override
  public void deletePipe(DeletePipeRequest request, StreamObserver<DeletePipeResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PipeInfo pipe = PipeMessages.wire(pipes.delete(request.getPipeId()));
          reply.answer(DeletePipeResponse.newBuilder().setPipe(pipe).build());
        });
  }
}
