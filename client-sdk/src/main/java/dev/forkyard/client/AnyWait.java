package dev.forkyard.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Waits until one of several things is ready. No thread but the caller's waits: each thing is asked
 * for in the daemon, and the first answer wakes the caller. Then the others are given up, which
 * also tells which of them were ready by then; so one that always is does not hide the others.
 */
final class AnyWait {
  private AnyWait() {}

  /**
   * @param timeout null for ever
   * @return those that are ready, in their order
   */
  static <W extends Waitable> List<W> await(@Nullable Duration timeout, List<W> things)
      throws InterruptedException {
    if (things.isEmpty()) {
      throw new IllegalArgumentException("there is nothing to wait for");
    }
    List<Readiness> waits = new ArrayList<>(things.size());
    CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
    try {
      for (W thing : things) {
        waits.add(begin(thing));
      }
      awaitFirst(waits, over, timeout);
    } finally {
      over.complete(null);
      giveUp(waits);
    }
    return ready(things, waits);
  }

  private static Readiness begin(Waitable thing) {
    if (thing instanceof PipeEnd<?> end) {
      return end.readiness();
    }
    if (thing instanceof RemoteQueue<?> queue) {
      return queue.readiness();
    }
    if (thing instanceof ManagedProcess process) {
      return process.readiness();
    }
    if (thing instanceof PoolFuture<?> future) {
      return future.readiness();
    }
    return ((WaitableStage) thing).readiness();
  }

  /**
   * @param over completed afterwards, so that nothing of this wait stays with futures that are not
   *     complete
   */
  private static void awaitFirst(
      List<Readiness> waits, CompletableFuture<?> over, @Nullable Duration timeout)
      throws InterruptedException {
    CompletableFuture<Object> first =
        CompletableFuture.anyOf(
            Stream.concat(waits.stream().map(Readiness::coming), Stream.of(over))
                .toArray(CompletableFuture<?>[]::new));
    try {
      Object unused =
          timeout == null
              ? first.get()
              : first.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // what is ready, or why something is not, is looked at below
    }
  }

  private static void giveUp(List<Readiness> waits) {
    CompletableFuture.allOf(
            waits.stream()
                .map(wait -> wait.giveUp().handle((done, error) -> done))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  private static <W> List<W> ready(List<W> things, List<Readiness> waits) {
    List<W> ready = new ArrayList<>();
    for (int i = 0; i < waits.size(); i++) {
      if (waits.get(i).isReady()) {
        ready.add(things.get(i));
      }
    }
    if (ready.isEmpty()) {
      waits.stream()
          .map(Readiness::failure)
          .filter(Objects::nonNull)
          .findFirst()
          .ifPresent(
              failure -> {
                throw Errors.translate(failure);
              });
    }
    return List.copyOf(ready);
  }
}
