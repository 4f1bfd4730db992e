package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.Lease;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.AckItemsResponse;
import dev.forkyard.v1.QueueServiceGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class LeaseTokenTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  @Test
  void tokenOfALeaseProvesItInAUnaryCall() throws Exception {
    try (Forkyard yard = Forkyard.connect("unix:" + DAEMON.get().socket())) {
      RemoteQueue<String> queue = yard.queues().create(String.class);
      queue.put("a");
      Lease<String> lease = queue.lease();
      AckItemsRequest ack =
          AckItemsRequest.newBuilder().setQueueId(queue.id()).addTokens(lease.token()).build();
      AckItemsResponse unused = QueueServiceGrpc.newBlockingStub(DAEMON.channel()).ackItems(ack);
      assertThat(queue.leased()).isZero();
      assertRefused("LEASE_LOST", lease::ack);
      queue.delete();
    }
  }
}
