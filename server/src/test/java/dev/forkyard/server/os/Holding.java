package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** What a {@link SmallDaemon} says that holds children, and what lives of them. */
record Holding(String marker, int guard, List<Integer> groups) {

  /** Waits until all of it is there. */
  static Holding of(DaemonProcess daemon) throws IOException {
    String marker = daemon.line();
    int guard = Integer.parseInt(daemon.line());
    List<Integer> groups = new ArrayList<>();
    for (int i = 0; i <= SmallDaemon.CHILDREN; i++) {
      groups.add(Integer.valueOf(daemon.line()));
    }
    assertThat(daemon.line()).isEqualTo("ready");
    Holding holding = new Holding(marker, guard, groups);
    // each child, its sleep without marker and its sleep with it; a session of its own; one orphan
    holding.await(() -> holding.marked().size() == 3 * SmallDaemon.CHILDREN + 1);
    // and one leader that has cleared its environment
    holding.await(() -> holding.members() == 3 * SmallDaemon.CHILDREN + 1);
    return holding;
  }

  private void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(Yard.PATIENCE_SECONDS)).until(condition);
  }

  /** Pids that carry the marker. */
  List<Integer> marked() {
    return ProcFs.pids().stream()
        .filter(pid -> ProcFs.carries(pid, Spawner.MARKER_NAME + '=' + marker))
        .toList();
  }

  /** How many live in the groups of the children. */
  long members() {
    return ProcFs.all().stream()
        .filter(stat -> stat.alive() && groups.contains(stat.group()))
        .count();
  }
}
