package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the arguments of calls that are not answered, of all pools together. Thread-safe.
 *
 * <p>Clients are held back at half of it, so that only very many of them at one time get to the
 * end.
 */
final class ArgumentBudget {
  private static final long LEAST_BYTES = 64L << 20;

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  ArgumentBudget(long most) {
    this.most = most;
  }

  /** A quarter of the memory, but as much as some large messages at any rate. */
  static ArgumentBudget ofThisMachine() {
    return new ArgumentBudget(Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / 4));
  }

  /**
   * @throws Fault TOO_MANY_WAITERS when there is no room
   */
  void check() {
    if (taken.get() >= most) {
      throw new Fault(
              Reason.TOO_MANY_WAITERS,
              "Calls with "
                  + most
                  + " bytes of arguments are waiting already; wait for some of them, and repeat"
                  + " the calls.")
          .with("limit", most);
    }
  }

  /** Whether clients should bring no more. */
  boolean isHalfSpent() {
    return taken.get() >= most / 2;
  }

  /** Counts bytes until a hold has ended. */
  Hold countWith(Hold hold, long bytes) {
    taken.addAndGet(bytes);
    return new Counted(hold, bytes);
  }

  /** Bytes that are counted. */
  long taken() {
    return taken.get();
  }

  private final class Counted implements Hold {
    private final Hold hold;
    private final long bytes;

    Counted(Hold hold, long bytes) {
      this.hold = hold;
      this.bytes = bytes;
    }

    @Override
    public void shareWith(Session session) {
      hold.shareWith(session);
    }

    @Override
    public void release() {
      taken.addAndGet(-bytes);
      hold.release();
    }

    @Override
    public void revoke() {
      taken.addAndGet(-bytes);
      hold.revoke();
    }
  }
}
