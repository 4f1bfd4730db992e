package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Reply;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.pipe.PipeOptions;
import dev.forkyard.server.pipe.PipeSnapshot;
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
import dev.forkyard.v1.PollPipeRequest;
import dev.forkyard.v1.PollPipeResponse;
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
  private final RequestMemory<PipeSnapshot> creations;

  PipeEndpoint(UnaryCalls calls, HotOperations operations, Yard yard) {
    this.calls = calls;
    this.operations = operations;
    pipes = yard.pipes();
    sessions = yard.sessions();
    unary = new Caller(sessions, null);
    creations =
        RequestMemory.usual(
            yard.scheduler(),
            yard.waiters(),
            new RequestMemory.Answers<>(
                pipes::asItIsNow, pipe -> PipeMessages.wire(pipe).getSerializedSize()));
  }

  @Override
  public void createPipe(CreatePipeRequest request, StreamObserver<CreatePipeResponse> observer) {
    calls.run(
        observer,
        reply ->
            creations.run(
                request.getRequestId(),
                request,
                reply.from(
                    pipe ->
                        CreatePipeResponse.newBuilder().setPipe(PipeMessages.wire(pipe)).build()),
                first -> create(request, first)));
  }

  private void create(CreatePipeRequest request, Reply<PipeSnapshot> reply) {
    Owner owner = new Owner(sessions.getIfNamed(request.getOwnerSessionId()));
    PipeOptions options = PipeOptions.of(request.getCapacityBytes(), request.getSimplex());
    reply.answer(pipes.create(request.getPipeId(), options, owner));
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
  public void pollPipe(PollPipeRequest request, StreamObserver<PollPipeResponse> observer) {
    calls.run(observer, reply -> operations.pollPipe(request, unary, reply));
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
