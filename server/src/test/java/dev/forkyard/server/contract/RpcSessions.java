package dev.forkyard.server.contract;

import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import io.grpc.Channel;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The session streams of one test. */
final class RpcSessions {
  private final Channel channel;
  private final Map<String, SessionClient> streams = new HashMap<>();

  RpcSessions(Channel channel) {
    this.channel = channel;
  }

  String open() {
    SessionClient client = SessionClient.open(channel);
    streams.put(client.sessionId(), client);
    return client.sessionId();
  }

  SessionClient stream(String session) {
    return Objects.requireNonNull(streams.get(session));
  }

  /** Breaks a stream off, and waits until the daemon has ended its session. */
  void end(String session) {
    int before = living();
    stream(session).breakOff();
    streams.remove(session);
    await().atMost(TestDaemon.PATIENCE).until(() -> living() < before);
  }

  private int living() {
    return SystemServiceGrpc.newBlockingStub(channel)
        .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
        .getCounts()
        .getSessions();
  }

  /** Ends the streams that are left. */
  void endAll() {
    int before = living();
    int mine = streams.size();
    streams.values().forEach(SessionClient::breakOff);
    await().atMost(TestDaemon.PATIENCE).until(() -> living() <= before - mine);
  }
}
