package dev.forkyard.server.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import dev.forkyard.server.queue.Taken.TakenItem;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One queue. Thread-safe.
 *
 * <p><b>Concurrency.</b> Everything is decided under one lock; answers are given after it was let
 * go. Putters and takers that wait are matched by {@link #settle}, with which every change ends, so
 * that no change can forget to wake somebody.
 *
 * <p><b>Order.</b> A put that finds others waiting waits behind them. A give-back is never refused,
 * not even beyond the capacity.
 */
final class ItemQueue {
  /** An answer holds at most this much, or one item. */
  private static final int ANSWER_BYTES = 1 << 20;

  /** A payload on its way in, with what keeps its handles alive. */
  record Offer(Payload payload, Hold hold) {}

  private record PutCall(List<Offer> offers, long bytes, Reply<Done> reply) {
    void releaseHolds() {
      offers.forEach(offer -> offer.hold().release());
    }
  }

  private record TakeCall(TakeRequest request, Reply<Taken> reply) {}

  private final String id;
  private final QueueOptions options;
  private final QueueFaults faults;
  private final Scheduler scheduler;
  private final Waiters<PutCall> putters;
  private final Waiters<TakeCall> takers;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ReadyItems ready = new ReadyItems();

  @GuardedBy("lock")
  private final Leases leases;

  /** The sessions that give back what they hold here when they end. */
  @GuardedBy("lock")
  private final Set<Session> sessions = new HashSet<>();

  @GuardedBy("lock")
  private long lastNumber;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private boolean deleted;

  ItemQueue(String id, String fence, QueueOptions options, Scheduler scheduler, WaiterLimit limit) {
    this.id = id;
    this.options = options;
    this.faults = new QueueFaults(id, options);
    this.scheduler = scheduler;
    this.leases = new Leases(fence);
    this.putters = new Waiters<>(scheduler, limit);
    this.takers = new Waiters<>(scheduler, limit);
  }

  QueueOptions options() {
    return options;
  }

  /**
   * Adds all items or none, waiting for room. Owns the holds of the offers unless it throws.
   *
   * @throws Fault when the items can never be accepted, or not at once though they must
   */
  void put(List<Offer> offers, @Nullable Duration timeout, Reply<Done> reply) {
    long bytes = offers.stream().mapToLong(offer -> offer.payload().sizeBytes()).sum();
    PutCall call = new PutCall(offers, bytes, reply);
    Afterwards after = new Afterwards();
    Wait wait = null;
    synchronized (lock) {
      checkAcceptable(call);
      if (putters.isEmpty() && fits(call)) {
        accept(call, after);
        settle(after);
      } else if (Timeouts.isZero(timeout)) {
        throw faults.full();
      } else {
        wait = putters.park(call, timeout, how -> gaveUp(call, how));
      }
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  @GuardedBy("lock")
  private void checkAcceptable(PutCall call) {
    if (deleted) {
      throw faults.notFound();
    }
    if (closed) {
      throw faults.closed();
    }
    if (call.offers().size() > options.capacity() || call.bytes() > options.capacityBytes()) {
      throw faults.tooLarge(call.offers().size(), call.bytes());
    }
  }

  @GuardedBy("lock")
  private boolean fits(PutCall call) {
    return ready.size() + call.offers().size() <= options.capacity()
        && ready.bytes() + call.bytes() <= options.capacityBytes();
  }

  @GuardedBy("lock")
  private void accept(PutCall call, Afterwards after) {
    for (Offer offer : call.offers()) {
      ready.addLast(new Item(++lastNumber, offer.payload(), offer.hold()));
    }
    after.add(() -> call.reply().answer(Done.DONE));
  }

  private void gaveUp(PutCall call, GaveUp how) {
    call.releaseHolds();
    call.reply().refuse(how == GaveUp.TIMED_OUT ? faults.full() : faults.cancelled());
    // a smaller put behind it may fit
    Afterwards after = new Afterwards();
    synchronized (lock) {
      settle(after);
    }
    after.run();
  }

  /**
   * Takes items, waiting for the first.
   *
   * @throws Fault when the queue or the session is gone
   */
  void take(TakeRequest request, Reply<Taken> reply) {
    if (request.session() != null) {
      join(request.session());
    }
    TakeCall call = new TakeCall(request, reply);
    Afterwards after = new Afterwards();
    Wait wait = null;
    synchronized (lock) {
      if (deleted) {
        throw faults.notFound();
      }
      if (ready.size() > 0) {
        grant(call, after);
        settle(after);
      } else if (hasEnded(call)) {
        after.add(() -> reply.answer(Taken.END));
      } else if (Timeouts.isZero(request.timeout())) {
        after.add(() -> reply.answer(Taken.TIMED_OUT));
      } else {
        wait = takers.park(call, request.timeout(), how -> gaveUp(call, how));
      }
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  private void join(Session session) {
    synchronized (lock) {
      if (!sessions.add(session)) {
        return;
      }
    }
    try {
      session.onEnd(this, () -> sessionEnded(session));
    } catch (Fault hasEnded) {
      sessionEnded(session); // what another call of the session got in the meantime
      throw hasEnded;
    }
  }

  private void gaveUp(TakeCall call, GaveUp how) {
    if (how == GaveUp.TIMED_OUT) {
      call.reply().answer(Taken.TIMED_OUT);
    } else {
      call.reply().refuse(faults.cancelled());
    }
  }

  @GuardedBy("lock")
  private void grant(TakeCall call, Afterwards after) {
    TakeRequest request = call.request();
    Session session = request.session();
    if (session != null && session.ended()) {
      after.add(() -> call.reply().refuse(QueueFaults.sessionEnded(session)));
      return;
    }
    Leases.Expiry expiry =
        request.lease() == null || request.autoAck() ? null : new Leases.Expiry();
    List<TakenItem> items = new ArrayList<>(Math.min(request.most(), ready.size()));
    int bytes = 0;
    for (Item item = ready.peek();
        item != null && items.size() < request.most();
        item = ready.peek()) {
      bytes += item.payload.sizeBytes();
      if (bytes > ANSWER_BYTES && !items.isEmpty()) {
        break;
      }
      items.add(hand(ready.remove(), request, expiry, after));
    }
    if (expiry != null && request.lease() != null) {
      expiry.start(scheduler.schedule(request.lease(), () -> expire(expiry.tokens())));
    }
    after.add(() -> call.reply().answer(new Taken(items, false, false)));
  }

  @GuardedBy("lock")
  private TakenItem hand(
      Item item, TakeRequest request, Leases.@Nullable Expiry expiry, Afterwards after) {
    item.attempts++;
    Session session = request.session();
    if (session != null) {
      after.add(() -> item.hold.shareWith(session));
    }
    if (request.autoAck()) {
      after.add(item.hold::release);
      return new TakenItem("", item.payload, item.attempts);
    }
    String token = leases.grant(item, session, expiry);
    return new TakenItem(token, item.payload, item.attempts);
  }

  /** True when this taker will never get an item. */
  @GuardedBy("lock")
  private boolean hasEnded(TakeCall call) {
    return closed && ready.size() == 0 && leases.nobodyElseHolds(call.request().session());
  }

  /** Gives waiting calls what they can have now. */
  @GuardedBy("lock")
  @SuppressWarnings("GuardedBy") // the test runs before claimAllIf returns
  private void settle(Afterwards after) {
    boolean again = true;
    while (again) {
      again = admitOne(after) || serveOne(after);
    }
    if (closed && ready.size() == 0) {
      for (TakeCall taker : takers.claimAllIf(this::hasEnded)) {
        after.add(() -> taker.reply().answer(Taken.END));
      }
    }
  }

  @GuardedBy("lock")
  @SuppressWarnings("GuardedBy") // the test runs before claimFirstIf returns
  private boolean admitOne(Afterwards after) {
    PutCall put = putters.claimFirstIf(this::fits);
    if (put == null) {
      return false;
    }
    accept(put, after);
    return true;
  }

  @GuardedBy("lock")
  private boolean serveOne(Afterwards after) {
    TakeCall taker = ready.size() == 0 ? null : takers.claimFirstIf(any -> true);
    if (taker == null) {
      return false;
    }
    grant(taker, after);
    return true;
  }

  /**
   * Ends leases: the items are done.
   *
   * @throws Fault LEASE_LOST, and nothing was changed
   */
  void ack(List<String> tokens) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      for (Item item : leases.end(tokens)) {
        after.add(item.hold::release);
      }
      settle(after);
    }
    after.run();
  }

  /**
   * Ends leases: the items go back to their places.
   *
   * @throws Fault LEASE_LOST, and nothing was changed
   */
  void release(List<String> tokens) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      giveBack(leases.end(tokens));
      settle(after);
    }
    after.run();
  }

  @GuardedBy("lock")
  private void giveBack(List<Item> items) {
    for (Item item : items) {
      ready.giveBack(item);
    }
  }

  private void expire(List<String> tokens) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      giveBack(leases.endHeld(tokens));
      settle(after);
    }
    after.run();
  }

  private void sessionEnded(Session session) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      sessions.remove(session);
      for (TakeCall taker : takers.claimAllIf(call -> call.request().session() == session)) {
        after.add(() -> taker.reply().refuse(QueueFaults.sessionEnded(session)));
      }
      giveBack(leases.endAllOf(session));
      settle(after);
    }
    after.run();
  }

  /** Refuses further puts, those that wait included. */
  void close() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      closed = true;
      refuseWaitingPuts(faults.closed(), after);
      settle(after);
    }
    after.run();
  }

  @GuardedBy("lock")
  private void refuseWaitingPuts(Fault fault, Afterwards after) {
    for (PutCall put : putters.claimAllIf(any -> true)) {
      after.add(put::releaseHolds);
      after.add(() -> put.reply().refuse(fault));
    }
  }

  /** Drops everything and ends every wait. */
  void delete() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      deleted = true;
      closed = true;
      refuseWaitingPuts(faults.notFound(), after);
      for (TakeCall taker : takers.claimAllIf(any -> true)) {
        after.add(() -> taker.reply().refuse(faults.notFound()));
      }
      leases.endAll().forEach(item -> after.add(item.hold::release));
      for (Item item = ready.poll(); item != null; item = ready.poll()) {
        after.add(item.hold::release);
      }
      sessions.forEach(session -> after.add(() -> session.forget(this)));
      sessions.clear();
    }
    after.run();
  }

  QueueSnapshot snapshot(String ownerSessionId) {
    synchronized (lock) {
      return new QueueSnapshot(
          id,
          options,
          ownerSessionId,
          ready.size(),
          leases.size(),
          ready.bytes(),
          closed,
          takers.size(),
          putters.size());
    }
  }
}
