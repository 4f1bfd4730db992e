package dev.forkyard.server.queue;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.testing.Recorded;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Puts, takes, leases and cancelled waits of several threads at once: whatever happens could have
 * happened one after the other.
 */
@Tag("stress")
@Param(name = "value", gen = IntGen.class, conf = "0:3")
public class QueueLinearizabilityTest {
  private static final Hold NOTHING = new Handles().hold(List.of());

  private final ItemQueue queue =
      new ItemQueue(
          "q",
          "fence",
          QueueOptions.of(2, 0, 1, 0, 0),
          Clock.systemUTC(),
          (delay, action) -> () -> {},
          new WaiterLimit(100));

  /** Touched by one thread, as leases are by their taker. */
  private List<String> leased = List.of();

  private record Value(int value) implements Payload {
    @Override
    public int sizeBytes() {
      return 1;
    }

    @Override
    public List<Handle> handles() {
      return List.of();
    }
  }

  private String put(int value, @Nullable Duration timeout) {
    PutRequest request = PutRequest.of(List.of(new Value(value)), value % 2, Map.of(), timeout);
    return Recorded.<Done>inWords(
        timeout == null, reply -> queue.put(request, List.of(NOTHING), reply), done -> "put");
  }

  private static String words(Taken taken) {
    return taken.items().stream().map(item -> item.payload().toString()).toList()
        + (taken.end() ? " end" : "");
  }

  private String take(@Nullable Duration timeout) {
    TakeRequest request = new TakeRequest(1, 0, timeout, null, null, TakeRequest.Mode.AUTO_ACK);
    return Recorded.<Taken>inWords(
        timeout == null, reply -> queue.take(request, reply), QueueLinearizabilityTest::words);
  }

  @Operation
  public String putNow(@Param(name = "value") int value) {
    return put(value, Duration.ZERO);
  }

  /** Waits, and cancels the wait at once. */
  @Operation
  public String putOrCancel(@Param(name = "value") int value) {
    return put(value, null);
  }

  @Operation
  public String takeNow() {
    return take(Duration.ZERO);
  }

  /** Waits, and cancels the wait at once. */
  @Operation
  public String takeOrCancel() {
    return take(null);
  }

  @Operation(nonParallelGroup = "taker")
  public String lease() {
    TakeRequest request = new TakeRequest(1, 0, Duration.ZERO, null, null, TakeRequest.Mode.WORK);
    return Recorded.<Taken>inWords(
        false,
        reply -> queue.take(request, reply),
        taken -> {
          leased = taken.items().stream().map(Taken.TakenItem::token).toList();
          return words(taken);
        });
  }

  @Operation(nonParallelGroup = "taker")
  public String ack() {
    return end(() -> queue.ack(leased));
  }

  @Operation(nonParallelGroup = "taker")
  public String release() {
    return end(() -> queue.release(new ReleaseRequest(leased, ReleaseRequest.Mode.RELEASE, "")));
  }

  private String end(Runnable operation) {
    try {
      operation.run();
      return "ended " + leased.size();
    } catch (Fault lost) {
      return lost.reason().name();
    }
  }

  @Operation
  public int clear() {
    return queue.clear(false);
  }

  @Operation
  public String state() {
    QueueSnapshot.Counts counts = queue.snapshot("").counts();
    return counts.ready() + " ready, " + counts.leased() + " leased";
  }

  @Operation(runOnce = true)
  public void close() {
    queue.close(false);
  }

  @Test
  void everyOutcomeIsThatOfSomeOrderUnderStress() {
    new StressOptions()
        .iterations(20)
        .invocationsPerIteration(1_000)
        .threads(3)
        .actorsPerThread(3)
        .check(QueueLinearizabilityTest.class);
  }
}
