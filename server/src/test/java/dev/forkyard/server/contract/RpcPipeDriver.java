package dev.forkyard.server.contract;

import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.v1.ClosePipeEndRequest;
import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.DeletePipeRequest;
import dev.forkyard.v1.GetPipeRequest;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.Handle;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PipeEndHandle;
import dev.forkyard.v1.PipeEndInfo;
import dev.forkyard.v1.PipeInfo;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PipeSide;
import dev.forkyard.v1.PollPipeRequest;
import dev.forkyard.v1.PollPipeResponse;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.ReceiveMessagesResponse;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import io.grpc.Channel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pipes over the wire, with either carrier for the hot operations. */
final class RpcPipeDriver implements PipeDriver {
  private final Channel channel;
  private final boolean unary;
  private final PipeServiceGrpc.PipeServiceBlockingStub blocking;
  private final PipeServiceGrpc.PipeServiceFutureStub future;
  private final RpcSessions sessions;
  private final Set<String> created = new HashSet<>();

  RpcPipeDriver(Channel channel, boolean unary) {
    this.channel = channel;
    this.unary = unary;
    this.blocking = PipeServiceGrpc.newBlockingStub(channel);
    this.future = PipeServiceGrpc.newFutureStub(channel);
    this.sessions = new RpcSessions(channel);
  }

  private static PipeSide side(End end) {
    return end == End.LEFT ? PipeSide.PIPE_SIDE_LEFT : PipeSide.PIPE_SIDE_RIGHT;
  }

  @Override
  public String create(long capacityBytes, boolean simplex) {
    String pipe =
        blocking
            .createPipe(
                CreatePipeRequest.newBuilder()
                    .setCapacityBytes(capacityBytes)
                    .setSimplex(simplex)
                    .build())
            .getPipe()
            .getPipeId();
    created.add(pipe);
    return pipe;
  }

  @Override
  public String openSession() {
    return sessions.open();
  }

  @Override
  public void endSession(String session) {
    sessions.end(session);
  }

  @Override
  public void end() {
    sessions.endAll();
    List.copyOf(created).forEach(this::delete);
  }

  @Override
  public Call<Void> send(
      String pipe, End end, String session, @Nullable Duration timeout, List<String> values) {
    SendMessagesRequest.Builder request =
        SendMessagesRequest.newBuilder()
            .setPipeId(pipe)
            .setSide(side(end))
            .addAllMessages(RpcCalls.payloads(values));
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    return send(request, session);
  }

  private Call<Void> send(SendMessagesRequest.Builder request, String session) {
    if (unary) {
      return RpcCalls.unary(
          future.sendMessages(request.setSessionId(session).build()), done -> CoreCalls.nothing());
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(
        client,
        client.numbered(call -> call.setSendMessages(request)),
        reply -> CoreCalls.nothing());
  }

  @Override
  public Call<Void> sendHandle(
      String pipe, End end, String session, String otherPipe, End otherEnd) {
    PipeEndHandle handle =
        PipeEndHandle.newBuilder().setPipeId(otherPipe).setSide(side(otherEnd)).build();
    Payload message =
        Payload.newBuilder()
            .setJson("{}")
            .addHandles(Handle.newBuilder().setPipeEnd(handle))
            .build();
    return send(
        SendMessagesRequest.newBuilder().setPipeId(pipe).setSide(side(end)).addMessages(message),
        session);
  }

  @Override
  public Call<Received> receive(
      String pipe, End end, String session, int most, int mostBytes, @Nullable Duration timeout) {
    ReceiveMessagesRequest.Builder request =
        ReceiveMessagesRequest.newBuilder()
            .setPipeId(pipe)
            .setSide(side(end))
            .setMaxMessages(most)
            .setMaxBytes(mostBytes);
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    if (unary) {
      return RpcCalls.unary(
          future.receiveMessages(request.setSessionId(session).build()), RpcPipeDriver::received);
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(
        client,
        client.numbered(call -> call.setReceiveMessages(request)),
        reply -> received(reply.getReceiveMessages()));
  }

  private static Received received(ReceiveMessagesResponse answer) {
    return new Received(
        answer.getMessagesList().stream().map(Payload::getJson).toList(),
        answer.getTimedOut(),
        answer.getEnd());
  }

  @Override
  public Call<Polled> poll(String pipe, End end, String session, @Nullable Duration timeout) {
    PollPipeRequest.Builder request =
        PollPipeRequest.newBuilder().setPipeId(pipe).setSide(side(end));
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    if (unary) {
      return RpcCalls.unary(
          future.pollPipe(request.setSessionId(session).build()), RpcPipeDriver::polled);
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(
        client,
        client.numbered(call -> call.setPollPipe(request)),
        reply -> polled(reply.getPollPipe()));
  }

  private static Polled polled(PollPipeResponse answer) {
    return new Polled(answer.getReadable(), answer.getEnd(), answer.getTimedOut());
  }

  @Override
  public void close(String pipe, End end, String session) {
    PipeInfo unused =
        blocking
            .closePipeEnd(
                ClosePipeEndRequest.newBuilder()
                    .setPipeId(pipe)
                    .setSide(side(end))
                    .setSessionId(session)
                    .build())
            .getPipe();
  }

  @Override
  public void delete(String pipe) {
    created.remove(pipe);
    PipeInfo unused =
        blocking.deletePipe(DeletePipeRequest.newBuilder().setPipeId(pipe).build()).getPipe();
  }

  @Override
  public EndState state(String pipe, End end) {
    PipeInfo info = blocking.getPipe(GetPipeRequest.newBuilder().setPipeId(pipe).build()).getPipe();
    PipeEndInfo state = end == End.LEFT ? info.getLeft() : info.getRight();
    return new EndState(state.getHolders(), state.getGone(), state.getUnreadMessages());
  }

  @Override
  public int waiting() {
    return SystemServiceGrpc.newBlockingStub(channel)
        .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
        .getCounts()
        .getWaitingCalls();
  }
}
