package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What this JVM holds of the operating system. */
record Leftovers(int descriptors, Set<String> threads) {

  static Leftovers now() {
    int descriptors = Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    Set<String> threads =
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("os-"))
            .collect(Collectors.toCollection(TreeSet::new));
    return new Leftovers(descriptors, threads);
  }

  /** Waits until there is no more than this, and no zombie. */
  void awaitNoMore() {
    await()
        .atMost(Duration.ofSeconds(Yard.PATIENCE_SECONDS))
        .untilAsserted(
            () -> {
              Leftovers now = now();
              assertThat(now.descriptors()).isLessThanOrEqualTo(descriptors);
              assertThat(now.threads()).isSubsetOf(threads);
              assertThat(ProcFs.pids().stream().flatMap(pid -> ProcFs.stat(pid).stream()))
                  .noneMatch(stat -> stat.parent() == ProcFs.self() && !stat.alive());
            });
  }
}
