package dev.forkyard.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SparesTest {
  private static final Duration A_SECOND = Duration.ofSeconds(1);

  private final FakeScheduler time = new FakeScheduler();
  private final List<Fake> living = new ArrayList<>();
  private boolean memoryIsShort;
  private boolean ready = true;
  private final Spares<Fake> spares =
      new Spares<>(
          new Spares.Limits(4, 8),
          Fake::new,
          time.clock(),
          time,
          Runnable::run,
          () -> memoryIsShort);

  private final class Fake implements Spares.Waiting {
    private final LaunchKey key;

    Fake(LaunchKey key) {
      this.key = key;
    }

    @Override
    public void start() {
      living.add(this);
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void discard() {
      assertThat(living.remove(this)).isTrue();
    }
  }

  private static LaunchKey kind(int number) {
    WorkerSpec spec =
        new WorkerSpec(
            new JavaRuntime("", List.of("/" + number + ".jar"), List.of()), "", Map.of(), false);
    return new LaunchKey(spec, List.of(), null);
  }

  private void use(int kind, int times) {
    for (int i = 0; i < times; i++) {
      Fake taken = spares.take(kind(kind));
      if (taken != null) {
        assertThat(taken.key).isEqualTo(kind(kind));
        assertThat(living.remove(taken)).isTrue();
      }
    }
  }

  @Test
  void kindThatIsUsedOnceGetsNone() {
    for (int kind = 0; kind < 20; kind++) {
      use(kind, 1);
    }
    assertThat(living).isEmpty();
  }

  @Test
  void slowUseGetsNone() {
    for (int i = 0; i < 5; i++) {
      use(1, 1);
      time.pass(Spares.RATE_WINDOW.plus(A_SECOND));
    }
    assertThat(living).isEmpty();
  }

  @Test
  void secondUseGetsOneAndManyGetFour() {
    use(1, 2);
    assertThat(living).hasSize(1);
    use(1, 20);
    assertThat(living).hasSize(4);
    assertThat(spares.waiting()).isEqualTo(4);
  }

  @Test
  void nobodyWaitsForOneThatIsNotReady() {
    ready = false;
    use(1, 20);
    assertThat(living).hasSize(4);
    assertThat(spares.take(kind(1))).isNull();
    ready = true;
    assertThat(spares.take(kind(1))).isNotNull();
  }

  @Test
  void idleOnesAreDropped() {
    use(1, 5);
    time.pass(Spares.IDLE.minus(A_SECOND));
    assertThat(living).hasSize(4);
    time.pass(A_SECOND);
    assertThat(living).isEmpty();
    assertThat(spares.waiting()).isZero();
    time.pass(Spares.LOOK_AT_MEMORY);
    assertThat(time.pending()).isZero();
  }

  @Test
  void fiftyKindsHaveNoMoreThanTheLimit() {
    for (int round = 0; round < 4; round++) {
      for (int kind = 0; kind < 50; kind++) {
        use(kind, 2);
        assertThat(living).hasSizeLessThanOrEqualTo(8);
        assertThat(spares.waiting()).isEqualTo(living.size());
      }
    }
    assertThat(living).hasSize(8);
  }

  @Test
  void kindInUseTakesFromOneThatIsNot() {
    use(1, 5);
    use(2, 5);
    assertThat(living).hasSize(8);
    use(3, 2);
    assertThat(living).extracting(spare -> spare.key).doesNotContain(kind(3));
    time.pass(Duration.ofSeconds(6));
    use(3, 2);
    assertThat(living).hasSize(8).extracting(spare -> spare.key).contains(kind(3));
  }

  @Test
  void oneThatHasEndedIsNotHandedOut() {
    use(1, 2);
    Fake dead = living.remove(0);
    spares.gone(kind(1), dead);
    assertThat(spares.waiting()).isZero();
    assertThat(spares.take(kind(1))).isNull();
  }

  @Test
  void kindThatCannotBecomeReadyGetsNoMoreWhileItIsUsed() {
    use(1, 2);
    spares.unfit(kind(1));
    spares.gone(kind(1), living.remove(0));
    use(1, 5);
    use(2, 2);
    assertThat(living).extracting(spare -> spare.key).containsExactly(kind(2));
    time.pass(Spares.IDLE);
    use(1, 2);
    assertThat(living).extracting(spare -> spare.key).containsExactly(kind(1));
  }

  @Test
  void allAreDroppedWhenMemoryIsShort() {
    use(1, 5);
    memoryIsShort = true;
    time.pass(Spares.LOOK_AT_MEMORY);
    assertThat(living).isEmpty();
    use(1, 5);
    assertThat(living).isEmpty();
  }

  @Test
  void closedOnesStartNothing() {
    use(1, 5);
    spares.close();
    assertThat(living).isEmpty();
    use(1, 5);
    assertThat(living).isEmpty();
  }
}
