package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.pool.PoolSnapshot;
import dev.forkyard.server.pool.PoolWatch;
import dev.forkyard.v1.WatchPoolRequest;
import dev.forkyard.v1.WatchPoolResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One open WatchPool. It looks at the pool now and then, and only while the client reads, so
 * nothing piles up here. Thread-safe: whatever happens to it is a wish, and one turn at a time
 * fulfils them.
 */
final class PoolWatchStream {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration DEFAULT = Duration.ofSeconds(1);

  private final WatchStream.Context context;
  private final Duration interval;
  private final AnswerStream<WatchPoolResponse> answers;
  private final AtomicInteger wishes = new AtomicInteger();
  private volatile @Nullable PoolWatch watch;
  private volatile boolean due = true;
  private volatile @Nullable Look look;

  // the following belong to the turn
  private boolean looking;
  private @Nullable Look told;
  private @Nullable Scheduled timer;

  /**
   * What was seen.
   *
   * @param last the pool changes no more
   */
  private record Look(PoolSnapshot pool, boolean last, long nanoTime) {}

  private PoolWatchStream(
      WatchStream.Context context,
      Duration interval,
      ServerCallStreamObserver<WatchPoolResponse> observer) {
    this.context = context;
    this.interval = interval;
    this.answers = new AnswerStream<>(context.open(), observer, this::wake);
  }

  /**
   * Begins a watch.
   *
   * @throws Fault INVALID_ARGUMENT, POOL_NOT_FOUND, TOO_MANY_WAITERS
   */
  static void open(
      WatchStream.Context context,
      PoolManager pools,
      WatchPoolRequest request,
      ServerCallStreamObserver<WatchPoolResponse> observer) {
    PoolWatchStream stream = new PoolWatchStream(context, interval(request), observer);
    PoolWatch watch = pools.watch(request.getPoolId(), stream::wake);
    try {
      context.limit().enter();
    } catch (Fault tooMany) {
      watch.close();
      throw tooMany;
    }
    stream.begin(watch);
  }

  private static Duration interval(WatchPoolRequest request) {
    if (!request.hasInterval()) {
      return DEFAULT;
    }
    Duration wanted = Times.duration("interval", request.getInterval());
    if (wanted.compareTo(SHORTEST) < 0 || wanted.compareTo(LONGEST) > 0) {
      throw Fault.invalid("interval", "interval must be 100 milliseconds to 1 hour.")
          .with("value", wanted);
    }
    return wanted;
  }

  private void begin(PoolWatch itsWatch) {
    watch = itsWatch;
    answers.whenOver(
        () -> {
          itsWatch.close();
          context.limit().left();
          wake();
        });
    answers.begin();
    wake();
  }

  private void wake() {
    if (wishes.getAndIncrement() == 0) {
      context.executor().execute(this::takeTurns);
    }
  }

  private void takeTurns() {
    int fulfilled = 1;
    do {
      turn();
      fulfilled = wishes.addAndGet(-fulfilled);
    } while (fulfilled != 0);
  }

  private void turn() {
    PoolWatch open = watch;
    Look seen = look;
    if (open == null) {
      return; // it begins in a moment
    }
    if (seen != null) {
      look = null;
      looking = false;
      tell(seen);
    }
    if (answers.isOver()) {
      stopTimer();
    } else {
      lookIfDue(open);
    }
  }

  private void lookIfDue(PoolWatch open) {
    boolean last = open.isOver();
    if (looking || !(due || last) || !answers.isReady()) {
      return;
    }
    looking = true;
    due = false;
    open.look()
        .thenAccept(
            pool -> {
              look = new Look(pool, last, System.nanoTime());
              wake();
            });
  }

  private void tell(Look seen) {
    Look before = told;
    if (seen.last()) {
      answers.complete(message(seen));
      return;
    }
    if (before == null || !before.pool().equals(seen.pool())) {
      answers.send(message(seen));
      told = seen;
    }
    stopTimer();
    timer = context.scheduler().schedule(interval, this::intervalIsOver);
  }

  private void intervalIsOver() {
    due = true;
    wake();
  }

  /** With the rate since what was told before. */
  private WatchPoolResponse message(Look seen) {
    Look before = told;
    PoolSnapshot pool = seen.pool();
    if (before != null) {
      long calls = pool.counts().ended() - before.pool().counts().ended();
      pool = pool.withRate(calls * 1e9 / Math.max(1, seen.nanoTime() - before.nanoTime()));
    }
    return WatchPoolResponse.newBuilder().setPool(PoolMessages.wire(pool)).build();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
