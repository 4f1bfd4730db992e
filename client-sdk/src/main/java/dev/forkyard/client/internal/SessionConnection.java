package dev.forkyard.client.internal;

import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.SessionServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;

/** One RPC that carries a session stream until it breaks. On the thread of the channel. */
final class SessionConnection extends ClientCall.Listener<SessionReplies> {
  private static final int READY_BYTES = 128 << 10;

  private final SessionCarrier carrier;
  private final ClientCall<SessionCalls, SessionReplies> call;
  private boolean opened;

  /**
   * Begins a connection.
   *
   * @param waits whether it waits for the channel to connect, and does not fail when that does
   */
  SessionConnection(SessionCarrier carrier, Channel channel, boolean waits) {
    this.carrier = carrier;
    CallOptions options = CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES);
    this.call =
        channel.newCall(
            SessionServiceGrpc.getConnectMethod(), waits ? options.withWaitForReady() : options);
  }

  void open(OpenCall open) {
    call.start(this, new Metadata());
    call.request(2);
    call.sendMessage(
        SessionCalls.newBuilder().addCalls(SessionCall.newBuilder().setOpen(open)).build());
  }

  /** Whether it can take a message now. */
  boolean isReady() {
    return call.isReady();
  }

  /** Whether the daemon has answered the call to open. */
  boolean isOpen() {
    return opened;
  }

  void send(SessionCalls calls) {
    call.sendMessage(calls);
  }

  void halfClose() {
    call.halfClose();
  }

  void cancel() {
    call.cancel("it took too long", null);
  }

  @Override
  public void onReady() {
    carrier.ready();
  }

  @Override
  public void onMessage(SessionReplies message) {
    call.request(1);
    List<SessionReply> replies = message.getRepliesList();
    if (!opened && !replies.isEmpty()) {
      opened = true;
      carrier.opened(this, replies.get(0).getOpen());
      replies = replies.subList(1, replies.size());
    }
    if (!replies.isEmpty()) {
      carrier.received(this, replies, message.getSerializedSize());
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    carrier.closed(this, status, trailers);
  }
}
