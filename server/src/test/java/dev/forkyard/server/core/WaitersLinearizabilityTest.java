package dev.forkyard.server.core;

import dev.forkyard.server.core.Scheduler.Scheduled;
import java.time.Duration;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Calls that park, are claimed, time out and are cancelled by several threads at once: whatever
 * happens could have happened one after the other.
 */
@Tag("stress")
@Param(name = "slot", gen = IntGen.class, conf = "0:2")
public class WaitersLinearizabilityTest {
  private static final int SLOTS = 3;
  private static final int OTHERS = 10;

  private final Waiters<Integer> waiters = new Waiters<>(new NoTime(), new WaiterLimit(100));

  /** Touched by one thread, as a call's wait is by its caller. */
  private final Waiters.@Nullable Wait[] waits = new Waiters.Wait[SLOTS];

  private int gaveUp;

  /** A scheduler in which no time passes. */
  private static final class NoTime implements Scheduler {
    @Override
    public Scheduled schedule(Duration delay, Runnable action) {
      return () -> {};
    }
  }

  /** Parks a call that may be cancelled. */
  @Operation(nonParallelGroup = "caller")
  public void park(@Param(name = "slot") int slot) {
    waits[slot] = waiters.park(slot, null, how -> gaveUp++);
  }

  /** Cancels a call; answers how many calls were given up by that. */
  @Operation(nonParallelGroup = "caller")
  public int cancel(@Param(name = "slot") int slot) {
    int before = gaveUp;
    Waiters.Wait wait = waits[slot];
    if (wait != null) {
      wait.cancel();
    }
    return gaveUp - before;
  }

  /** Parks a call of somebody else. */
  @Operation
  public void parkOther(@Param(name = "slot") int slot) {
    waiters.park(OTHERS + slot, null, how -> {});
  }

  @Operation
  public @Nullable Integer claim() {
    return waiters.claimFirstIf(any -> true);
  }

  @Operation
  public int size() {
    return waiters.size();
  }

  @Test
  void everyOutcomeIsThatOfSomeOrderUnderStress() {
    new StressOptions()
        .iterations(30)
        .invocationsPerIteration(2_000)
        .threads(3)
        .actorsPerThread(3)
        .check(WaitersLinearizabilityTest.class);
  }

  @Test
  void everyOutcomeIsThatOfSomeOrderInEveryInterleaving() {
    new ModelCheckingOptions()
        .iterations(20)
        .invocationsPerIteration(1_000)
        .threads(2)
        .actorsPerThread(3)
        .check(WaitersLinearizabilityTest.class);
  }
}
