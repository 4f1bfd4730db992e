package dev.forkyard.server.os;

import dev.forkyard.server.os.Poller.Watch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the exit status of every child by a pidfd and its pid, never of children that are not ours.
 */
final class Reaper {
  private final Poller poller;

  Reaper(Poller poller) {
    this.poller = poller;
  }

  /** A child ready to be watched. Its end is not noticed before {@link #begin}. */
  static final class Ticket {
    private final OwnedPid child;
    private final int pidfd;
    private final Consumer<ChildExit> then;
    private @Nullable Watch watch;

    private Ticket(OwnedPid child, int pidfd, Consumer<ChildExit> then) {
      this.child = child;
      this.pidfd = pidfd;
      this.then = then;
    }

    /** From now on the end of the child is reported, once, on the reaper thread. */
    void begin() {
      if (watch != null) {
        watch.waitFor(Poller.IN);
      }
    }

    private void ready() {
      ChildExit exit = child.reap();
      if (exit != null) {
        cancel();
        then.accept(exit);
      }
    }

    /** Lets go of the descriptor. */
    void cancel() {
      if (watch != null) {
        watch.end();
      }
      Sys.close(pidfd);
    }
  }

  /** Gets all that watching a child takes; null when the kernel has no room for it. */
  @Nullable Ticket prepare(OwnedPid child, Consumer<ChildExit> then) {
    int pidfd = Sys.pidfdOpen(child.pid());
    if (pidfd < 0) {
      return null;
    }
    Ticket ticket = new Ticket(child, pidfd, then);
    ticket.watch = poller.watch(pidfd, 0, ticket::ready);
    if (ticket.watch == null) {
      ticket.cancel();
      return null;
    }
    return ticket;
  }
}
