package dev.forkyard.server.rpc;

import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** SessionService. */
final class SessionEndpoint extends SessionServiceGrpc.SessionServiceImplBase {
  private final Sessions sessions;
  private final HotOperations operations;
  private final OpenCalls open;

  SessionEndpoint(OpenCalls open, Sessions sessions, HotOperations operations) {
    this.open = open;
    this.sessions = sessions;
    this.operations = operations;
  }

  @Override
  public StreamObserver<SessionCalls> connect(StreamObserver<SessionReplies> observer) {
    SessionStream stream =
        new SessionStream(
            open, sessions, operations, (ServerCallStreamObserver<SessionReplies>) observer);
    open.opened(stream);
    return stream;
  }
}
