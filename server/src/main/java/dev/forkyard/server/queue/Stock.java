package dev.forkyard.server.queue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.queue.Leases.Expiry;
import dev.forkyard.server.queue.Leases.Holders;
import dev.forkyard.server.queue.Leases.Lease;
import dev.forkyard.server.queue.Taken.TakenItem;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The items of a queue, each of which is ready, leased, dead, or gone. Knows nothing of those who
 * wait. Guarded by the lock of the queue; what is to be done without it is left to {@link
 * Afterwards}.
 */
final class Stock {
  /** An answer holds at most this much, or one item. */
  private static final int ANSWER_BYTES = 1 << 20;

  private final QueueOptions options;
  private final Clock clock;
  private final ReadyItems ready;
  private final Leases leases;
  private final DeadLetters dead = new DeadLetters();
  private long lastNumber;
  private boolean closed;
  private boolean dropsReturns;

  /**
   * @param fence what makes tokens of this queue unlike those of every other queue and daemon
   */
  Stock(String fence, QueueOptions options, Clock clock) {
    this.options = options;
    this.clock = clock;
    this.ready = new ReadyItems(options.maxPriority());
    this.leases = new Leases(fence);
  }

  boolean fits(int items, long bytes) {
    return ready.size() + items <= options.capacity()
        && ready.bytes() + bytes <= options.capacityBytes();
  }

  void add(PutRequest request, Payload payload, Hold hold) {
    ready.add(new Item(++lastNumber, request, payload, hold));
  }

  boolean hasReady() {
    return ready.size() > 0;
  }

  /** True when takers hold as much as may be held. */
  boolean isOverLeased() {
    return leases.size() >= QueueOptions.MOST_LEASED
        || leases.bytes() >= QueueOptions.MOST_LEASED_BYTES;
  }

  /**
   * Hands out what a taker wants.
   *
   * @param timer starts what ends leases after a time
   */
  List<TakenItem> take(
      TakeRequest request, BiFunction<Duration, Expiry, Scheduled> timer, Afterwards after) {
    Duration time = request.mode() == TakeRequest.Mode.AUTO_ACK ? null : request.lease();
    Expiry expiry = time == null ? null : new Expiry();
    List<TakenItem> taken = new ArrayList<>(Math.min(request.most(), ready.size()));
    if (request.number() > 0) {
      Item only = ready.remove(request.number());
      if (only != null) {
        taken.add(hand(only, request, expiry, after));
      }
    } else {
      takeFront(request, expiry, taken, after);
    }
    if (time != null && expiry != null && !taken.isEmpty()) {
      expiry.start(timer.apply(time, expiry));
    }
    return taken;
  }

  private void takeFront(
      TakeRequest request, @Nullable Expiry expiry, List<TakenItem> taken, Afterwards after) {
    int bytes = 0;
    for (Item item = ready.peek();
        item != null && taken.size() < request.most();
        item = ready.peek()) {
      bytes += item.sizeBytes;
      if (bytes > ANSWER_BYTES && !taken.isEmpty()) {
        return;
      }
      ready.poll();
      taken.add(hand(item, request, expiry, after));
    }
  }

  private TakenItem hand(
      Item item, TakeRequest request, @Nullable Expiry expiry, Afterwards after) {
    int grant = item.granted();
    Session session = request.session();
    if (session != null) {
      item.share(session, after);
    }
    String token = "";
    if (request.mode() == TakeRequest.Mode.AUTO_ACK) {
      item.letGo(after);
    } else {
      boolean ahead = request.mode() == TakeRequest.Mode.AHEAD;
      token = leases.grant(item, grant, session, expiry, ahead);
    }
    return new TakenItem(
        token, item.number, item.payload, item.priority, item.attributes, item.attempts());
  }

  Peeked peek(PeekRequest request) {
    return request.deadLetters() ? View.of(dead, request) : View.of(ready, request);
  }

  void ack(List<String> tokens, Afterwards after) {
    leases.end(tokens).forEach(lease -> lease.item().letGo(after));
  }

  /** Takers give items back. */
  void release(ReleaseRequest request, Afterwards after) {
    for (Lease lease : leases.end(request.tokens())) {
      Item item = lease.item();
      switch (request.mode()) {
        case UNUSED -> returnUnused(item, after);
        case RELEASE -> release(item, after);
        case GIVE_UP -> bury(item, ItemDeath.Cause.GIVEN_UP, request.reason(), after);
      }
    }
  }

  private void returnUnused(Item item, Afterwards after) {
    item.returnedUnused();
    giveBack(item, after);
  }

  private void release(Item item, Afterwards after) {
    item.released();
    if (options.deadAfterReleases() > 0 && item.releases() >= options.deadAfterReleases()) {
      bury(item, ItemDeath.Cause.RELEASES, "", after);
    } else {
      giveBack(item, after);
    }
  }

  void extend(List<String> tokens, Expiry expiry) {
    leases.extend(tokens, expiry);
  }

  /** The time of leases is over. */
  void expired(Expiry expiry, Afterwards after) {
    Instant now = clock.instant();
    for (Lease lease : leases.endOf(expiry)) {
      takerGone(lease, LostTaker.leaseRanOut(lease.session(), now), after);
    }
  }

  /** A session has ended. */
  void ended(Session session, Afterwards after) {
    LostTaker lost = session.ending().inOrder() ? null : LostTaker.ended(session, clock.instant());
    leases.endAllOf(session).forEach(lease -> takerGone(lease, lost, after));
  }

  /**
   * A taker has an item no more.
   *
   * @param lost how it was lost; null when it went in order
   */
  private void takerGone(Lease lease, @Nullable LostTaker lost, Afterwards after) {
    if (lease.ahead()) {
      returnUnused(lease.item(), after);
    } else if (lost == null) {
      giveBack(lease.item(), after);
    } else {
      lost(lease.item(), lost, after);
    }
  }

  private void lost(Item item, LostTaker taker, Afterwards after) {
    item.lostBy(taker);
    if (item.crashes() >= options.deadAfterCrashes()) {
      bury(item, ItemDeath.Cause.CRASHES, "", after);
    } else {
      giveBack(item, after);
    }
  }

  private void giveBack(Item item, Afterwards after) {
    if (dropsReturns) {
      item.letGo(after);
    } else {
      ready.add(item);
    }
  }

  private void bury(Item item, ItemDeath.Cause cause, String reason, Afterwards after) {
    dead.add(item, new ItemDeath(cause, reason, clock.instant()))
        .forEach(tooOld -> tooOld.letGo(after));
  }

  /** Gives dead letters back to their places; all when there is no number. */
  int restore(Set<Long> numbers) {
    List<Item> restored = dead.remove(numbers);
    dead.restored(restored.size());
    for (Item item : restored) {
      item.restored();
      ready.add(item);
    }
    return restored.size();
  }

  @CanIgnoreReturnValue
  int clearReady(Afterwards after) {
    int cleared = ready.size();
    for (Item item = ready.poll(); item != null; item = ready.poll()) {
      item.letGo(after);
    }
    return cleared;
  }

  @CanIgnoreReturnValue
  int clearDead(Afterwards after) {
    List<Item> cleared = dead.remove(Set.of());
    cleared.forEach(item -> item.letGo(after));
    return cleared.size();
  }

  /**
   * Is to take no more items; nobody puts any.
   *
   * @param immediately also drops what is ready, and what comes back
   */
  void close(boolean immediately, Afterwards after) {
    closed = true;
    if (immediately) {
      dropsReturns = true;
      clearReady(after);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Drops everything. */
  void clear(Afterwards after) {
    leases.endAll().forEach(lease -> lease.item().letGo(after));
    clearReady(after);
    clearDead(after);
  }

  /** True when this taker, or whoever looks, will never get an item. */
  boolean hasEndedFor(@Nullable Session session) {
    Holders left = endsBut();
    return left != null && left.areNobodyBut(session);
  }

  /** Those who may still give items back when no others will ever come; null when some will. */
  @Nullable Holders endsBut() {
    return closed && !hasReady() ? leases.holders() : null;
  }

  int unfinished() {
    return ready.size() + leases.size();
  }

  long died() {
    return dead.died();
  }

  QueueSnapshot.Counts counts() {
    return new QueueSnapshot.Counts(
        ready.size(), ready.bytes(), leases.size(), dead.size(), dead.bytes(), dead.dropped());
  }
}
