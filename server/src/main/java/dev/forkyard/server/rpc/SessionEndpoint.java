package dev.forkyard.server.rpc;

import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** SessionService. */
final class SessionEndpoint extends SessionServiceGrpc.SessionServiceImplBase {
  private final SessionStream.Context streams;

  SessionEndpoint(SessionStream.Context streams) {
    this.streams = streams;
  }

  @Override
  public StreamObserver<SessionCalls> connect(StreamObserver<SessionReplies> observer) {
    return new SessionConnection(streams, (ServerCallStreamObserver<SessionReplies>) observer)
        .begin();
  }
}
