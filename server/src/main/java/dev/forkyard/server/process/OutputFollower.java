package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.WaiterLimit;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hands the output of one process to one taker, piece by piece, as it is written. It reads only
 * when the taker is ready, so a slow taker costs one piece of memory; output is kept on disk for
 * it. Thread-safe.
 */
public final class OutputFollower {
  private static final Logger log = Logger.getLogger(OutputFollower.class.getName());

  /** Who gets the output. Called on one thread at a time, never under a lock. */
  public interface Taker {
    /** Whether it wants another piece; {@link OutputFollower#advance} has to follow a no. */
    boolean isReady();

    void take(FollowedPiece piece);

    /** The process has ended, and everything was taken. */
    void complete();

    /** Nothing more comes. May be called at any time, on any thread. */
    void refuse(Fault fault);
  }

  private final String processId;
  private final List<FollowedStream> streams;
  private final Taker taker;
  private final Executor files;
  private final WaiterLimit limit;
  private final List<Runnable> whatEnds = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * How often somebody asked it to go on. Whoever counts from 0 is the only one to touch the
   * streams until it is 0 again.
   */
  private final AtomicInteger asked = new AtomicInteger();

  /** Whose turn is next; of the owner of the streams. */
  private int turn;

  /**
   * Makes a follower, which does nothing before {@link #begin}.
   *
   * @param files runs what reads files
   * @param limit counts it until it is closed
   * @throws Fault TOO_MANY_WAITERS
   */
  OutputFollower(
      String processId,
      List<FollowedStream> streams,
      Taker taker,
      Executor files,
      WaiterLimit limit) {
    this.processId = processId;
    this.streams = List.copyOf(streams);
    this.taker = taker;
    this.files = files;
    this.limit = limit;
    limit.enter();
  }

  /**
   * Begins to follow.
   *
   * @param whenClosed run at least once after it was closed
   */
  void begin(Runnable whenClosed) {
    whatEnds.add(whenClosed);
    streams.forEach(stream -> whatEnds.add(stream.onGrowth(this::advance)));
    if (closed.get()) {
      whatEnds.forEach(Runnable::run);
    }
    advance();
  }

  /** Goes on if the taker is ready and there is something. Does not wait. */
  public void advance() {
    if (asked.getAndIncrement() == 0) {
      goOn();
    }
  }

  /** Whoever runs this owns the streams. */
  private void goOn() {
    int seen;
    do {
      seen = asked.get();
      FollowedStream next = closed.get() || !taker.isReady() ? null : next();
      if (next != null) {
        files.execute(() -> step(next));
        return; // the ownership goes along
      }
    } while (!asked.compareAndSet(seen, 0));
  }

  /** The streams take turns. */
  private @Nullable FollowedStream next() {
    for (int i = 0; i < streams.size(); i++) {
      FollowedStream stream = streams.get(turn);
      turn = (turn + 1) % streams.size();
      if (stream.hasNews()) {
        return stream;
      }
    }
    return null;
  }

  private void step(FollowedStream stream) {
    try {
      FollowedPiece piece = stream.read();
      if (piece != null && !closed.get()) {
        taker.take(piece);
      }
      if (stream.isOver()) {
        // all end with the same run, whatever comes before the others are read
        streams.forEach(FollowedStream::endWithTheLastRun);
      }
      if (streams.stream().allMatch(FollowedStream::isOver) && close()) {
        taker.complete();
      }
    } catch (IOException failed) {
      log.log(Level.WARNING, "output of " + processId + " could not be read: " + failed);
      refuse(unreadable(failed));
    } catch (RuntimeException bug) {
      log.log(Level.SEVERE, "output of " + processId + " could not be followed", bug);
      refuse(unreadable(bug));
    }
    goOn();
  }

  private Fault unreadable(Exception failed) {
    return new Fault(
        Reason.INTERNAL,
        "The output of process \"" + processId + "\" could not be read: " + failed + ".");
  }

  /** Nothing more comes, and the taker is told why. */
  void refuse(Fault fault) {
    if (close()) {
      taker.refuse(fault);
    }
  }

  /**
   * Lets go of the output; false when that was done before. A piece that is being read may still be
   * taken. The process is untouched.
   */
  public boolean close() {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    whatEnds.forEach(Runnable::run);
    limit.left();
    return true;
  }
}
