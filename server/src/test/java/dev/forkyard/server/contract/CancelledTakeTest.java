package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.contract.QueueDriver.Taken;
import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Takes that are cancelled at the moment at which they get an item. */
@Tag("stress")
class CancelledTakeTest {
  private static final int ROUNDS = 10_000;
  private static TestDaemon daemon;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @ParameterizedTest(name = "unary: {0}")
  @ValueSource(booleans = {true, false})
  void everyItemIsDeliveredToSomebodyAndNoneTwice(boolean unary) {
    QueueDriver queues = new RpcQueueDriver(daemon.channel(), unary);
    String taker = queues.openSession();
    String other = queues.openSession();
    String queue = queues.create(0, 0);
    Random random = new Random(4711);
    List<String> delivered = new ArrayList<>();
    int cancelled = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Call<Taken> take = queues.take(queue, taker, 1, null);
      Call<Void> put = queues.put(queue, other, null, List.of(Integer.toString(i)));
      if (random.nextBoolean()) {
        put.get();
      }
      take.cancel();
      try {
        Taken taken = take.get();
        delivered.addAll(taken.values());
        queues.ack(queue, taker, taken.tokens()).get();
      } catch (Call.Refused | CancellationException notTaken) {
        cancelled++;
      }
      put.get();
      delivered.addAll(takeAll(queues, queue, other));
    }
    queues.endSession(taker);
    delivered.addAll(takeAll(queues, queue, other));
    assertThat(cancelled).as("rounds in which the cancel came first").isBetween(1, ROUNDS - 1);
    assertThat(delivered)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, ROUNDS).mapToObj(Integer::toString).toList());
    assertThat(queues.state(queue)).isEqualTo(new QueueDriver.State(0, 0, 0, 0, false));
    queues.end();
  }

  private static List<String> takeAll(QueueDriver queues, String queue, String session) {
    Taken taken = queues.take(queue, session, 10_000, Duration.ZERO).get();
    if (!taken.tokens().isEmpty()) {
      queues.ack(queue, session, taken.tokens()).get();
    }
    return taken.values();
  }
}
