package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Those who follow the output of one process. Thread-safe. */
final class Followers {
  private final Set<OutputFollower> open = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Fault forgotten;

  /** Lets a follower begin. */
  void add(OutputFollower follower) {
    open.add(follower);
    follower.begin(() -> open.remove(follower));
    Fault fault = forgotten;
    if (fault != null) {
      follower.refuse(fault);
    }
  }

  /** The process has ended. */
  void processEnded() {
    open.forEach(OutputFollower::advance);
  }

  /** The output is deleted; who has not read all of it is refused. */
  void processForgotten(Fault fault) {
    forgotten = fault;
    open.forEach(follower -> follower.refuse(fault));
  }
}
