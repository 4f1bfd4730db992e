package dev.forkyard.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.queue.TakeRequest.Mode;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Takers that nobody may serve, and those that only seem to be. */
class TakersTest {
  private final Sessions sessions = new Sessions(10);
  private final ItemQueue queue =
      new ItemQueue(
          "q",
          "fence",
          QueueOptions.of(0, 1L << 30, 0, 0, 0),
          Clock.systemUTC(),
          new FakeScheduler(),
          new WaiterLimit(10));

  private record Heavy(int sizeBytes) implements Payload {
    @Override
    public List<Handle> handles() {
      return List.of();
    }
  }

  private void put(int sizeBytes) {
    PutRequest request = PutRequest.of(List.of(new Heavy(sizeBytes)), 0, Map.of(), null);
    queue.put(request, List.of(Hold.NOTHING), new Recorded<Done>());
  }

  private String take(@Nullable Session session, Mode mode) {
    return Recorded.<Taken>inWords(
        false,
        reply -> queue.take(new TakeRequest(1, 0, null, session, null, mode), reply),
        taken -> taken.items().size() + " taken");
  }

  @Test
  void takersThatLeaseNothingAreServedThoughOthersHoldAsMuchAsTheyMay() {
    put(1 << 30);
    assertThat(take(null, Mode.WORK)).isEqualTo("1 taken");
    put(1);
    assertThat(take(null, Mode.WORK)).isEqualTo("TOO_MANY_LEASES");
    assertThat(take(null, Mode.AHEAD)).isEqualTo("TOO_MANY_LEASES");
    assertThat(take(null, Mode.AUTO_ACK)).isEqualTo("1 taken");
  }

  @Test
  void takeThatBeginsWhileItsSessionEndsIsRefusedAndDoesNotWait() throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    for (int i = 0; i < 2_000; i++) {
      Session session = sessions.open();
      CompletableFuture<Void> ended =
          CompletableFuture.runAsync(
              () -> {
                await(start);
                sessions.end(session, Ending.BROKEN);
              });
      await(start);
      Recorded<Taken> taken = new Recorded<>();
      try {
        queue.take(new TakeRequest(1, 0, null, session, null, Mode.WORK), taken);
      } catch (Fault refused) {
        taken.refuse(refused);
      }
      ended.get(10, TimeUnit.SECONDS);
      assertThat(taken.outcome()).isCompletedExceptionally();
    }
    assertThat(queue.snapshot("").waitingTakers()).isZero();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
