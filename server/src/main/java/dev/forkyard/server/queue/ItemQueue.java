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
import dev.forkyard.server.queue.Leases.Holders;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
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

  /** What {@link Stock#endsBut} was when takers were told the end; nothing new for them since. */
  @GuardedBy("lock")
  private @Nullable Holders endedBut;

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

  /** What a call does with the items, under the lock; it may leave behind that it waits. */
  private interface Beginning {
    @Nullable Wait begin(Stock items, Afterwards after);
  }

  /** Begins a call, which may wait until its caller is gone. */
  private void begin(Reply<?> reply, Beginning beginning) {
    begin(null, reply, beginning);
  }

  /** Begins a call that gives a session items, if there is one. */
  private void begin(@Nullable Session session, Reply<?> reply, Beginning beginning) {
    Afterwards after = new Afterwards();
    Wait wait;
    synchronized (lock) {
      if (deleted) {
        throw faults.notFound();
      }
      if (session != null) {
        join(session);
      }
      wait = beginning.begin(stock, after);
      settle(after);
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  /** Changes the items, and lets those go on who waited for that. */
  private <R> R change(BiFunction<Stock, Afterwards, R> change) {
    Afterwards after = new Afterwards();
    R result;
    synchronized (lock) {
      result = change.apply(stock, after);
      settle(after);
    }
    after.run();
    return result;
  }

  private void alter(BiConsumer<Stock, Afterwards> change) {
    Done unused =
        change(
            (items, after) -> {
              change.accept(items, after);
              return Done.DONE;
            });
  }

  /**
   * Adds all items or none, waiting for room. Owns the holds unless it throws.
   *
   * @throws Fault when the items can never be accepted, or not at once though they must
   */
  void put(PutRequest request, List<Hold> holds, Reply<Done> reply) {
    PutCall call = new PutCall(request, request.sizeBytes(), holds, reply);
    begin(
        reply,
        (items, after) -> {
          checkAcceptable(items, call);
          if (putters.isEmpty() && fits(items, call)) {
            accept(items, call, after);
            return null;
          }
          if (Timeouts.isZero(request.timeout())) {
            throw faults.full();
          }
          return putters.park(call, request.timeout(), how -> gaveUp(call, how));
        });
  }

  private void checkAcceptable(Stock items, PutCall call) {
    if (items.isClosed()) {
      throw faults.closed();
    }
    if (call.request().priority() < 0 || call.request().priority() > options.maxPriority()) {
      throw faults.priorityTooHigh(call.request().priority());
    }
    int count = call.holds().size();
    if (count > options.capacity() || call.bytes() > options.capacityBytes()) {
      throw faults.tooLarge(count, call.bytes());
    }
  }

  private static boolean fits(Stock items, PutCall call) {
    return items.fits(call.holds().size(), call.bytes());
  }

  private static void accept(Stock items, PutCall call, Afterwards after) {
    List<Payload> payloads = call.request().payloads();
    for (int i = 0; i < payloads.size(); i++) {
      items.add(call.request(), payloads.get(i), call.holds().get(i));
    }
    after.add(() -> call.reply().answer(Done.DONE));
  }

  private void gaveUp(PutCall call, GaveUp how) {
    call.releaseHolds();
    call.reply().refuse(how == GaveUp.TIMED_OUT ? faults.full() : faults.cancelled());
    alter((items, after) -> {}); // a smaller put behind it may fit
  }

  /**
   * Takes items, waiting for the first.
   *
   * @throws Fault when the queue or the session is gone
   */
  void take(TakeRequest request, Reply<Taken> reply) {
    TakeCall call = new TakeCall(request, reply);
    begin(
        request.session(),
        reply,
        (items, after) -> {
          if (items.hasReady()) {
            grant(items, call, after);
          } else if (items.hasEndedFor(request.session())) {
            after.add(() -> reply.answer(Taken.END));
          } else if (Timeouts.isZero(request.timeout()) || request.number() > 0) {
            after.add(() -> reply.answer(Taken.TIMED_OUT));
          } else {
            return takers.park(call, request.timeout(), how -> gaveUp(reply, how, Taken.TIMED_OUT));
          }
          return null;
        });
  }

  /**
   * Has a session give back what it gets here when it ends.
   *
   * @throws Fault SESSION_NOT_FOUND when it has ended
   */
  @GuardedBy("lock")
  private void join(Session session) {
    session.onEnd(this, () -> sessionEnded(session));
    sessions.add(session);
  }

  private <A> void gaveUp(Reply<A> reply, GaveUp how, A timedOut) {
    if (how == GaveUp.TIMED_OUT) {
      reply.answer(timedOut);
    } else {
      reply.refuse(faults.cancelled());
    }
  }

  private void grant(Stock items, TakeCall call, Afterwards after) {
    Session session = call.request().session();
    if (session != null && session.ended()) {
      after.add(() -> call.reply().refuse(QueueFaults.sessionEnded(session)));
    } else if (call.request().mode() != TakeRequest.Mode.AUTO_ACK && items.isOverLeased()) {
      after.add(() -> call.reply().refuse(faults.tooManyLeased()));
    } else {
      Taken taken = new Taken(items.take(call.request(), this::expireAfter, after), false, false);
      Taken answer = taken.items().isEmpty() ? Taken.TIMED_OUT : taken;
      after.add(() -> call.reply().answer(answer));
    }
  }

  private Scheduled expireAfter(Duration lease, Expiry expiry) {
    return scheduler.schedule(lease, () -> alter((items, after) -> items.expired(expiry, after)));
  }

  /**
   * Shows items, waiting for the first.
   *
   * @throws Fault when the queue is gone
   */
  void peek(PeekRequest request, Reply<Peeked> reply) {
    PeekCall call = new PeekCall(request, reply);
    begin(
        reply,
        (items, after) -> {
          Peeked seen = items.peek(request);
          if (items.hasReady() || request.deadLetters()) {
            after.add(() -> reply.answer(seen));
          } else if (items.hasEndedFor(null)) {
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
  void awaitDrained(@Nullable Duration timeout, Reply<Drained> reply) {
    begin(
        reply,
        (items, after) -> {
          if (items.unfinished() > 0 && !Timeouts.isZero(timeout)) {
            return drains.park(reply, timeout, how -> drainGaveUp(reply, how));
          }
          Drained drained = drained(items);
          after.add(() -> reply.answer(drained));
          return null;
        });
  }

  private void drainGaveUp(Reply<Drained> reply, GaveUp how) {
    Drained now = change((items, after) -> drained(items));
    gaveUp(reply, how, new Drained(true, now.unfinished(), now.died()));
  }

  private static Drained drained(Stock items) {
    return new Drained(items.unfinished() > 0, items.unfinished(), items.died());
  }

  /** Gives waiting calls what they can have now. */
  @GuardedBy("lock")
  private void settle(Afterwards after) {
    Stock items = stock;
    boolean again = true;
    while (again) {
      showAll(items, after);
      again = admitOne(items, after) || serveOne(items, after);
    }
    Holders left = items.endsBut();
    if (left != null && !left.equals(endedBut)) {
      tellEnd(items, after);
    }
    endedBut = left;
    if (items.unfinished() == 0 && !drains.isEmpty()) {
      Drained drained = drained(items);
      answerAll(drains.claimAllIf(any -> true), drained, after);
    }
  }

  /** All who want to see what is ready see it at once. */
  private void showAll(Stock items, Afterwards after) {
    if (items.hasReady() && !viewers.isEmpty()) {
      for (PeekCall viewer : viewers.claimAllIf(any -> true)) {
        Peeked seen = items.peek(viewer.request());
        after.add(() -> viewer.reply().answer(seen));
      }
    }
  }

  private boolean admitOne(Stock items, Afterwards after) {
    PutCall put = putters.claimFirstIf(call -> fits(items, call));
    if (put == null) {
      return false;
    }
    accept(items, put, after);
    return true;
  }

  private boolean serveOne(Stock items, Afterwards after) {
    TakeCall taker = items.hasReady() ? takers.claimFirstIf(any -> true) : null;
    if (taker == null) {
      return false;
    }
    grant(items, taker, after);
    return true;
  }

  private void tellEnd(Stock items, Afterwards after) {
    List<TakeCall> ended = takers.claimAllIf(taker -> items.hasEndedFor(taker.request().session()));
    answerAll(ended.stream().map(TakeCall::reply).toList(), Taken.END, after);
    if (items.hasEndedFor(null)) {
      List<PeekCall> blind = viewers.claimAllIf(any -> true);
      answerAll(blind.stream().map(PeekCall::reply).toList(), Peeked.END, after);
    }
  }

  private static <A> void answerAll(List<Reply<A>> replies, A answer, Afterwards after) {
    replies.forEach(reply -> after.add(() -> reply.answer(answer)));
  }

  /**
   * Ends leases: the items are done.
   *
   * @throws Fault LEASE_LOST, and nothing was changed
   */
  void ack(List<String> tokens) {
    alter((items, after) -> items.ack(tokens, after));
  }

  /**
   * Ends leases: the items go back to their places, or die.
   *
   * @throws Fault LEASE_LOST, and nothing was changed
   */
  void release(ReleaseRequest request) {
    alter((items, after) -> items.release(request, after));
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

  /**
   * Gives dead letters back to their places; all when there is no number.
   *
   * @throws Fault QUEUE_CLOSED, since takers may have been told that no item will ever come
   */
  int restore(Set<Long> numbers) {
    return change(
        (items, after) -> {
          if (items.isClosed()) {
            throw faults.closed();
          }
          return items.restore(numbers);
        });
  }

  /** Drops what is ready, or the dead letters; answers how many. */
  int clear(boolean deadLetters) {
    return change((items, after) -> deadLetters ? items.clearDead(after) : items.clearReady(after));
  }

  private void sessionEnded(Session session) {
    synchronized (lock) {
      sessions.remove(session);
    }
    alter(
        (items, after) -> {
          for (TakeCall taker : takers.claimAllIf(call -> call.request().session() == session)) {
            after.add(() -> taker.reply().refuse(QueueFaults.sessionEnded(session)));
          }
          items.ended(session, after);
        });
  }

  /**
   * Refuses further puts, those that wait included.
   *
   * @param immediately also drops what is ready, and what comes back
   */
  void close(boolean immediately) {
    alter(
        (items, after) -> {
          items.close(immediately, after);
          refuseWaitingPuts(faults.closed(), after);
        });
  }

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
          id,
          options,
          ownerSessionId,
          stock.counts(),
          stock.isClosed(),
          takers.size(),
          putters.size());
    }
  }
}
