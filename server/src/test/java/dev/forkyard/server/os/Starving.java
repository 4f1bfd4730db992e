package dev.forkyard.server.os;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Starts each kind of child with no descriptor free, with one, with two, until it succeeds, and
 * looks whether the same number is free afterwards.
 */
final class Starving {
  private static final int LIMIT = 400;

  private final Yard yard;
  private final Deque<Integer> filling = new ArrayDeque<>();

  /** How many there were before the attempt. */
  private int available;

  private Starving(Yard yard) {
    this.yard = yard;
  }

  static void run(Yard yard) {
    Starving starving = new Starving(yard);
    Sys.setDescriptorLimit(0, LIMIT, Sys.descriptorLimit()[1]);
    List<Stdio> kinds =
        List.of(Stdio.DEFAULT, new Stdio.Pipes(true, true), new Stdio.Terminal(24, 80));
    // classes that are loaded now need no descriptor later
    kinds.forEach(stdio -> starving.attempt(stdio, LIMIT));
    Yard.Run killed = yard.start("sleep", "1000");
    killed.child().process().signalGroup(Signal.KILL);
    killed.exit();
    SpawnException loaded = SpawnException.resources(Sys.EMFILE, "nothing");
    new CompletionException(loaded.getMessage(), loaded).fillInStackTrace();
    kinds.forEach(stdio -> System.out.println(starving.story(stdio)));
    starving.free(LIMIT);
    System.out.println("living " + yard.children.living());
  }

  private String story(Stdio stdio) {
    int refusals = 0;
    int leaked = 0;
    for (int free = 0; free < LIMIT; free++) {
      boolean started = attempt(stdio, free);
      leaked += leaked();
      if (started) {
        return stdio.getClass().getSimpleName() + " refused " + refusals + " leaked " + leaked;
      }
      refusals++;
    }
    return "never started";
  }

  /** Gives the virtual machine time to close what it had open for a moment. */
  private int leaked() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Yard.PATIENCE_SECONDS);
    int leaked = available - free(LIMIT).fill();
    while (leaked > 0 && System.nanoTime() - deadline < 0) {
      leaked = available - free(LIMIT).fill();
    }
    return Math.max(0, leaked);
  }

  /** Starts a child that ends at once; false when it was refused. */
  private boolean attempt(Stdio stdio, int free) {
    available = free(LIMIT).fill();
    free(free);
    try {
      yard.start(yard.spec(ChildAttributes.DEFAULT, stdio, "exit 0")).exit();
      return true;
    } catch (CompletionException refused) {
      if (refused.getCause() instanceof SpawnException e
          && e.stage() == SpawnException.Stage.RESOURCES) {
        return false;
      }
      throw refused;
    } finally {
      CompletableFuture<Void> released = new CompletableFuture<>();
      yard.children.outputThread().execute(() -> released.complete(null));
      Yard.await(released);
    }
  }

  private Starving free(int count) {
    for (int i = 0; i < count && !filling.isEmpty(); i++) {
      Sys.close(filling.remove());
    }
    return this;
  }

  /** Uses all descriptors up; answers how many there were. */
  private int fill() {
    int fd = Sys.open("/dev/null", Sys.O_RDONLY, 0);
    while (fd >= 0) {
      filling.add(fd);
      fd = Sys.open("/dev/null", Sys.O_RDONLY, 0);
    }
    return filling.size();
  }
}
