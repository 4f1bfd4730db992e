package dev.forkyard.server.process;

import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.SpawnSpec;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Starts children; {@link dev.forkyard.server.os.Children#spawn} is one. */
public interface ChildStarter {

  /**
   * Starts a child.
   *
   * @param onExit told once of its end, which may be before the future's dependents have run
   * @return the child; fails with a {@link dev.forkyard.server.os.SpawnException}
   */
  CompletableFuture<Child> spawn(SpawnSpec spec, Consumer<ChildExit> onExit);
}
