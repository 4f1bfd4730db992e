package dev.forkyard.server.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import dev.forkyard.server.queue.Leases.Expiry;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One queue: its items, and the calls that wait for them. Thread-safe.
 *
 * <p><b>Concurrency.</b> Everything is decided under one lock; answers are given after it was let
 * go. Who waits is served by {@link #settle}, with which every change ends, so that no change can
 * forget to wake somebody.
 *
 * <p><b>Order.</b> A put that finds others waiting waits behind them. A give-back is never refused,
 * not even beyond the capacity.
 */
final class ItemQueue {

  /** Items on their way in, each with what keeps its handles alive. */
  record PutCall(PutRequest request, long bytes, List<Hold> holds, Reply<Done> reply) {
    void releaseHolds() {
      holds.forEach(Hold::release);
    }
  }

  private record TakeCall(TakeRequest request, Reply<Taken> reply) {}

  private record PeekCall(PeekRequest request, Reply<Peeked> reply) {}

  private final String id;
  private final QueueOptions options;
  private final QueueFaults faults;
  private final Scheduler scheduler;
  private final Waiters<PutCall> putters;
  private final Waiters<TakeCall> takers;
  private final Waiters<PeekCall> viewers;
  private final Waiters<Reply<Drained>> drains;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Stock stock;

  /** The sessions that give back what they hold here when they end. */
  @GuardedBy("lock")
  private final Set<Session> sessions = new HashSet<>();

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private boolean deleted;

  ItemQueue(
      String id,
      String fence,
      QueueOptions options,
      Clock clock,
      Scheduler scheduler,
      WaiterLimit limit) {
    this.id = id;
    this.options = options;
    this.faults = new QueueFaults(id, options);
    this.scheduler = scheduler;
    this.stock = new Stock(fence, options, clock);
    this.putters = new Waiters<>(scheduler, limit);
    this.takers = new Waiters<>(scheduler, limit);
    this.viewers = new Waiters<>(scheduler, limit);
    this.drains = new Waiters<>(scheduler, limit);
  }

  QueueOptions options() {
    return options;
  }

  /** What a call does under the lock; it may leave behind that it waits. */
  private interface Beginning {
    @Nullable Wait begin(Afterwards after);
  }

  /** Begins a call, which may wait until its caller is gone. */
  private void begin(Reply<?> reply, Beginning beginning) {
    Afterwards after = new Afterwards();
    Wait wait;
    synchronized (lock) {
      if (deleted) {
        throw faults.notFound();
      }
      wait = beginning.begin(after);
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  /** Changes something, and lets those go on who waited for that. */
  private <R> R change(Function<Afterwards, R> change) {
    Afterwards after = new Afterwards();
    R result;
    synchronized (lock) {
      result = change.apply(after);
      settle(after);
    }
    after.run();
    return result;
  }

  private void alter(Consumer<Afterwards> change) {
    Done unused =
        change(
            after -> {
              change.accept(after);
              return Done.DONE;
            });
  }

  /**
   * Adds all items or none, waiting for room. Owns the holds unless it throws.
   *
   * @throws Fault when the items can never be accepted, or not at once though they must
   */
  @SuppressWarnings("GuardedBy") // begin holds the lock
  void put(PutRequest request, List<Hold> holds, Reply<Done> reply) {
    PutCall call = new PutCall(request, request.sizeBytes(), holds, reply);
    begin(
        reply,
        after -> {
          checkAcceptable(call);
          if (putters.isEmpty() && fits(call)) {
            accept(call, after);
            settle(after);
            return null;
          }
          if (Timeouts.isZero(request.timeout())) {
            throw faults.full();
          }
          return putters.park(call, request.timeout(), how -> gaveUp(call, how));
        });
  }

  @GuardedBy("lock")
  private void checkAcceptable(PutCall call) {
    if (closed) {
      throw faults.closed();
    }
    if (call.request().priority() < 0 || call.request().priority() > options.maxPriority()) {
      throw faults.priorityTooHigh(call.request().priority());
    }
    int items = call.holds().size();
    if (items > options.capacity() || call.bytes() > options.capacityBytes()) {
      throw faults.tooLarge(items, call.bytes());
    }
  }

  @GuardedBy("lock")
  private boolean fits(PutCall call) {
    return stock.fits(call.holds().size(), call.bytes());
  }

  @GuardedBy("lock")
  private void accept(PutCall call, Afterwards after) {
    List<Payload> payloads = call.request().payloads();
    for (int i = 0; i < payloads.size(); i++) {
      stock.add(call.request(), payloads.get(i), call.holds().get(i));
    }
    after.add(() -> call.reply().answer(Done.DONE));
  }

  private void gaveUp(PutCall call, GaveUp how) {
    call.releaseHolds();
    call.reply().refuse(how == GaveUp.TIMED_OUT ? faults.full() : faults.cancelled());
    alter(after -> {}); // a smaller put behind it may fit
  }

  /**
   * Takes items, waiting for the first.
   *
   * @throws Fault when the queue or the session is gone
   */
  @SuppressWarnings("GuardedBy") // begin holds the lock
  void take(TakeRequest request, Reply<Taken> reply) {
    if (request.session() != null) {
      join(request.session());
    }
    TakeCall call = new TakeCall(request, reply);
    begin(
        reply,
        after -> {
          if (stock.hasReady()) {
            grant(call, after);
            settle(after);
          } else if (hasEnded(call)) {
            after.add(() -> reply.answer(Taken.END));
          } else if (Timeouts.isZero(request.timeout()) || request.number() > 0) {
            after.add(() -> reply.answer(Taken.TIMED_OUT));
          } else {
            return takers.park(call, request.timeout(), how -> gaveUp(reply, how, Taken.TIMED_OUT));
          }
          return null;
        });
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

  private <A> void gaveUp(Reply<A> reply, GaveUp how, A timedOut) {
    if (how == GaveUp.TIMED_OUT) {
      reply.answer(timedOut);
    } else {
      reply.refuse(faults.cancelled());
    }
  }

  @GuardedBy("lock")
  private void grant(TakeCall call, Afterwards after) {
    Session session = call.request().session();
    if (session != null && session.ended()) {
      after.add(() -> call.reply().refuse(QueueFaults.sessionEnded(session)));
    } else if (stock.isOverLeased()) {
      after.add(() -> call.reply().refuse(faults.tooManyLeased()));
    } else {
      Taken taken = new Taken(stock.take(call.request(), timer(call), after), false, false);
      Taken answer = taken.items().isEmpty() ? Taken.TIMED_OUT : taken;
      after.add(() -> call.reply().answer(answer));
    }
  }

  private Function<Expiry, Scheduled> timer(TakeCall call) {
    Duration lease = call.request().lease();
    return expiry -> lease == null ? () -> {} : expireAfter(lease, expiry);
  }

  @SuppressWarnings("GuardedBy") // alter holds the lock
  private Scheduled expireAfter(Duration lease, Expiry expiry) {
    return scheduler.schedule(lease, () -> alter(after -> stock.expired(expiry, after)));
  }

  /** True when this taker will never get an item. */
  @GuardedBy("lock")
  private boolean hasEnded(TakeCall call) {
    return closed && stock.isExhaustedFor(call.request().session());
  }

  /**
   * Shows items, waiting for the first.
   *
   * @throws Fault when the queue is gone
   */
  @SuppressWarnings("GuardedBy") // begin holds the lock
  void peek(PeekRequest request, Reply<Peeked> reply) {
    PeekCall call = new PeekCall(request, reply);
    begin(
        reply,
        after -> {
          Peeked seen = stock.peek(request);
          boolean waits = seen.items().isEmpty() && !request.deadLetters();
          if (!waits || stock.hasReady()) {
            after.add(() -> reply.answer(seen));
          } else if (closed && stock.isExhaustedFor(null)) {
            after.add(() -> reply.answer(Peeked.END));
          } else if (Timeouts.isZero(request.timeout())) {
            after.add(() -> reply.answer(Peeked.TIMED_OUT));
          } else {
            return viewers.park(
                call, request.timeout(), how -> gaveUp(reply, how, Peeked.TIMED_OUT));
          }
          return null;
        });
  }

  /**
   * Waits until no item is ready or leased.
   *
   * @throws Fault when the queue is gone
   */
  @SuppressWarnings("GuardedBy") // begin holds the lock
  void awaitDrained(@Nullable Duration timeout, Reply<Drained> reply) {
    begin(
        reply,
        after -> {
          if (stock.unfinished() > 0 && !Timeouts.isZero(timeout)) {
            return drains.park(reply, timeout, how -> drainGaveUp(reply, how));
          }
          Drained drained = drained();
          after.add(() -> reply.answer(drained));
          return null;
        });
  }

  private void drainGaveUp(Reply<Drained> reply, GaveUp how) {
    Drained now;
    synchronized (lock) {
      now = drained();
    }
    gaveUp(reply, how, new Drained(true, now.unfinished(), now.died()));
  }

  @GuardedBy("lock")
  private Drained drained() {
    return new Drained(stock.unfinished() > 0, stock.unfinished(), stock.died());
  }

  /** Gives waiting calls what they can have now. */
  @GuardedBy("lock")
  @SuppressWarnings("GuardedBy") // the tests run before claimAllIf returns
  private void settle(Afterwards after) {
    boolean again = true;
    while (again) {
      boolean shown = showAll(after);
      again = admitOne(after) || serveOne(after) || shown;
    }
    if (closed && !stock.hasReady()) {
      for (TakeCall taker : takers.claimAllIf(this::hasEnded)) {
        after.add(() -> taker.reply().answer(Taken.END));
      }
      if (stock.isExhaustedFor(null)) {
        for (PeekCall viewer : viewers.claimAllIf(any -> true)) {
          after.add(() -> viewer.reply().answer(Peeked.END));
        }
      }
    }
    if (stock.unfinished() == 0 && !drains.isEmpty()) {
      Drained drained = drained();
      for (Reply<Drained> drain : drains.claimAllIf(any -> true)) {
        after.add(() -> drain.answer(drained));
      }
    }
  }

  /** All who want to see what is ready see it at once. */
  @GuardedBy("lock")
  private boolean showAll(Afterwards after) {
    if (!stock.hasReady() || viewers.isEmpty()) {
      return false;
    }
    for (PeekCall viewer : viewers.claimAllIf(any -> true)) {
      Peeked seen = stock.peek(viewer.request());
      after.add(() -> viewer.reply().answer(seen));
    }
    return true;
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
    TakeCall taker = stock.hasReady() ? takers.claimFirstIf(any -> true) : null;
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
  @SuppressWarnings("GuardedBy") // alter holds the lock
  void ack(List<String> tokens) {
    alter(after -> stock.ack(tokens, after));
  }

  /**
   * Ends leases: the items go back to their places, or die.
   *
   * @throws Fault LEASE_LOST, and nothing was changed
   */
  @SuppressWarnings("GuardedBy") // alter holds the lock
  void release(ReleaseRequest request) {
    List<String> tokens = request.tokens();
    alter(
        after -> {
          switch (request.mode()) {
            case RELEASE -> stock.release(tokens, after);
            case UNUSED -> stock.returnUnused(tokens, after);
            case GIVE_UP -> stock.giveUp(tokens, request.reason(), after);
          }
        });
  }

  /**
   * Has leases end at another time.
   *
   * @throws Fault LEASE_LOST, and nothing was changed
   */
  void extend(List<String> tokens, Duration lease) {
    LeaseTime.check(lease);
    Expiry expiry = new Expiry();
    synchronized (lock) {
      stock.extend(tokens, expiry);
      expiry.start(expireAfter(lease, expiry));
    }
  }

  /** Gives dead letters back to their places; all when there is no number. */
  @SuppressWarnings("GuardedBy") // change holds the lock
  int restore(Set<Long> numbers) {
    return change(after -> stock.restore(numbers));
  }

  /** Drops what is ready, or the dead letters; answers how many. */
  @SuppressWarnings("GuardedBy") // change holds the lock
  int clear(boolean deadLetters) {
    return change(after -> deadLetters ? stock.clearDead(after) : stock.clearReady(after));
  }

  @SuppressWarnings("GuardedBy") // alter holds the lock
  private void sessionEnded(Session session) {
    alter(
        after -> {
          sessions.remove(session);
          for (TakeCall taker : takers.claimAllIf(call -> call.request().session() == session)) {
            after.add(() -> taker.reply().refuse(QueueFaults.sessionEnded(session)));
          }
          stock.ended(session, after);
        });
  }

  /**
   * Refuses further puts, those that wait included.
   *
   * @param immediately also drops what is ready, and what comes back
   */
  @SuppressWarnings("GuardedBy") // alter holds the lock
  void close(boolean immediately) {
    alter(
        after -> {
          closed = true;
          refuseWaitingPuts(faults.closed(), after);
          if (immediately) {
            stock.dropReturns(after);
          }
        });
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
      takers.claimAllIf(any -> true).forEach(taker -> refuseDeleted(taker.reply(), after));
      viewers.claimAllIf(any -> true).forEach(viewer -> refuseDeleted(viewer.reply(), after));
      drains.claimAllIf(any -> true).forEach(drain -> refuseDeleted(drain, after));
      stock.clear(after);
      sessions.forEach(session -> after.add(() -> session.forget(this)));
      sessions.clear();
    }
    after.run();
  }

  private void refuseDeleted(Reply<?> reply, Afterwards after) {
    after.add(() -> reply.refuse(faults.notFound()));
  }

  QueueSnapshot snapshot(String ownerSessionId) {
    synchronized (lock) {
      return new QueueSnapshot(
          id, options, ownerSessionId, stock.counts(), closed, takers.size(), putters.size());
    }
  }
}
