package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.SessionStream;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Takes the items of one queue, some ahead for callers who come back fast.
 *
 * <p>What is taken ahead is leased, like everything taken, but counts as not taken until it is
 * handed out. It is given back 50 to 100 ms after it came if nobody wanted it, before the queue is
 * looked at or leased from, and before the session ends. So a slow consumer keeps no other from
 * working: only who used up the items before within 10 ms gets more ahead.
 *
 * <p>What changes the items that are ahead, or handed out, is sent under the lock; so no take that
 * finds none ahead reaches the daemon before those that went back.
 */
final class Taker {
  private static final int MOST_AHEAD = 256;
  private static final int MOST_AT_ONCE = 10_000;
  private static final long FAST_NANOS = 10_000_000;
  private static final long STALE_MILLIS = 50;

  private final Wire wire;
  private final String queueId;
  private final boolean takesAhead;
  private final Runnable giveBack = this::settle;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<LeasedItem> ahead = new ArrayDeque<>();

  /** Tokens of items that were handed out and are not yet acknowledged. */
  @GuardedBy("lock")
  private final List<String> handed = new ArrayList<>();

  @GuardedBy("lock")
  private int batch = 1;

  @GuardedBy("lock")
  private long arrival;

  @GuardedBy("lock")
  private boolean watched;

  /** The last call that told the daemon of items ahead or handed out. */
  @GuardedBy("lock")
  private SessionStream.@Nullable Pending told;

  /**
   * Prepares to take.
   *
   * @param takesAhead whether items are taken before somebody wants them; if not, every item that
   *     is taken counts as being worked on
   */
  Taker(Wire wire, String queueId, boolean takesAhead) {
    this.wire = wire;
    this.queueId = queueId;
    this.takesAhead = takesAhead;
  }

  String queueId() {
    return queueId;
  }

  /**
   * Takes one item, from those ahead if there are any.
   *
   * @param timeout how long to wait; null for ever
   * @return the item; null if none came in time
   * @throws QueueEndedException if none will ever come
   */
  @Nullable LeasedItem next(@Nullable Duration timeout) throws InterruptedException {
    List<LeasedItem> there = pollAhead(1);
    return there.isEmpty() ? keepAhead(take(nextBatch(), takesAhead, timeout)) : there.get(0);
  }

  /**
   * Takes items, from those ahead if there are any.
   *
   * @return the items; none if none came in time
   * @throws QueueEndedException if none will ever come
   */
  List<LeasedItem> nextMany(int most, @Nullable Duration timeout) throws InterruptedException {
    List<LeasedItem> there = pollAhead(most);
    if (there.isEmpty()) {
      return take(most, false, timeout);
    }
    if (there.size() < most) {
      there.addAll(takeMore(most - there.size()));
    }
    return there;
  }

  /** Takes what is there, for somebody who has some already. */
  private List<LeasedItem> takeMore(int most) {
    try {
      return wire.call(takeCall(most, false, Duration.ZERO)).getTakeItems().getItemsList();
    } catch (ForkyardException e) {
      return List.of(); // the next call is told
    }
  }

  /**
   * Takes items that are worked on until they are acknowledged.
   *
   * @return the items; none if none came in time
   * @throws QueueEndedException if none will ever come
   */
  List<LeasedItem> lease(int most, @Nullable Duration timeout) throws InterruptedException {
    settle();
    return take(most, false, timeout);
  }

  private List<LeasedItem> take(int most, boolean isAhead, @Nullable Duration timeout)
      throws InterruptedException {
    ackHandedOut(); // else the daemon may not know yet that nothing is left
    TakeItemsResponse taken =
        wire.callInterruptibly(takeCall(most, isAhead, timeout)).getTakeItems();
    if (taken.getEnd()) {
      throw new QueueEndedException(queueId);
    }
    return taken.getItemsList();
  }

  /** Makes the call that takes the item for somebody who does not wait for it. */
  SessionCall.Builder takeOneCall() {
    return takeCall(1, takesAhead, null);
  }

  private SessionCall.Builder takeCall(int most, boolean isAhead, @Nullable Duration timeout) {
    TakeItemsRequest.Builder request =
        TakeItemsRequest.newBuilder()
            .setQueueId(queueId)
            .setMaxItems(Math.min(most, MOST_AT_ONCE))
            .setAhead(isAhead);
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    return SessionCall.newBuilder().setTakeItems(request);
  }

  /** Whether somebody who wants an item would have one at once. */
  boolean hasAhead() {
    synchronized (lock) {
      return !ahead.isEmpty();
    }
  }

  /** Takes so many of those ahead, if there are any. */
  List<LeasedItem> pollAhead(int most) {
    synchronized (lock) {
      if (wire.stream().isOver()) {
        ahead.clear(); // the daemon gives them to others
      }
      List<LeasedItem> items = new ArrayList<>(Math.min(most, ahead.size()));
      while (items.size() < most && !ahead.isEmpty()) {
        items.add(ahead.remove());
      }
      if (!items.isEmpty() && ahead.isEmpty()) {
        wire.notBeforeClose(giveBack);
      }
      return items;
    }
  }

  /** How many to take for one who wants one. */
  private int nextBatch() {
    synchronized (lock) {
      if (takesAhead) {
        batch =
            System.nanoTime() - arrival <= FAST_NANOS
                ? Math.min(MOST_AHEAD, batch * 2)
                : Math.max(1, batch / 2);
      }
      return batch;
    }
  }

  private @Nullable LeasedItem keepAhead(List<LeasedItem> items) {
    if (items.isEmpty()) {
      return null;
    }
    synchronized (lock) {
      arrival = System.nanoTime();
      ahead.addAll(items.subList(1, items.size()));
      if (!ahead.isEmpty()) {
        wire.beforeClose(giveBack);
        watch();
      }
    }
    return items.get(0);
  }

  @GuardedBy("lock")
  private void watch() {
    if (!watched) {
      watched = true;
      long seen = arrival;
      wire.later(STALE_MILLIS, () -> giveBackIfStale(seen));
    }
  }

  private void giveBackIfStale(long seen) {
    synchronized (lock) {
      watched = false;
      if (ahead.isEmpty()) {
        return;
      }
      if (arrival != seen) {
        watch();
        return;
      }
      batch = 1;
      returnAhead();
    }
  }

  /**
   * Acknowledges what was handed out and gives back what is ahead, before what is called on the
   * session from now on.
   */
  void settle() {
    synchronized (lock) {
      ackHandedOut();
      returnAhead();
    }
  }

  /** Settles before something is done to the queue that does not come on the session. */
  void settleAndWait() {
    SessionStream.Pending last;
    synchronized (lock) {
      settle();
      last = told;
    }
    if (last != null) {
      try {
        last.reply().join();
      } catch (CompletionException e) {
        // the queue or the connection is gone, which what comes next tells
      }
    }
  }

  @GuardedBy("lock")
  private void returnAhead() {
    if (!ahead.isEmpty()) {
      told = returnUnused(ahead);
      ahead.clear();
      wire.notBeforeClose(giveBack);
    }
  }

  /** Acknowledges an item that is being handed out, together with others if they come fast. */
  void handedOut(LeasedItem item) {
    boolean first;
    synchronized (lock) {
      first = handed.isEmpty();
      handed.add(item.getToken());
    }
    if (first) {
      wire.stream().soon(this::ackHandedOut);
    }
  }

  private void ackHandedOut() {
    synchronized (lock) {
      if (!handed.isEmpty()) {
        AckItemsRequest.Builder request =
            AckItemsRequest.newBuilder().setQueueId(queueId).addAllTokens(handed);
        handed.clear();
        told = wire.stream().send(SessionCall.newBuilder().setAckItems(request));
      }
    }
  }

  /** Takes the item of a number out of the queue; false if it is not ready any more. */
  boolean remove(long number) {
    TakeItemsRequest request =
        TakeItemsRequest.newBuilder()
            .setQueueId(queueId)
            .setNumber(number)
            .setAutoAck(true)
            .build();
    SessionReply taken = wire.call(SessionCall.newBuilder().setTakeItems(request));
    return taken.getTakeItems().getItemsCount() > 0;
  }

  /** Makes the call that says that an item is done. */
  SessionCall.Builder ackCall(LeasedItem item) {
    return SessionCall.newBuilder()
        .setAckItems(AckItemsRequest.newBuilder().setQueueId(queueId).addTokens(item.getToken()));
  }

  /** Gives items, at least one, back as if they had not been taken. */
  @CanIgnoreReturnValue
  SessionStream.Pending returnUnused(Iterable<LeasedItem> items) {
    return wire.stream().send(releaseCall(release(items).setUnused(true)));
  }

  /** Gives an item back that could not be used. */
  void giveBack(LeasedItem item) {
    wire.stream().send(releaseCall(release(List.of(item))));
  }

  /** Begins to give items back to their places. */
  ReleaseItemsRequest.Builder release(Iterable<LeasedItem> items) {
    ReleaseItemsRequest.Builder request = ReleaseItemsRequest.newBuilder().setQueueId(queueId);
    items.forEach(item -> request.addTokens(item.getToken()));
    return request;
  }

  SessionCall.Builder releaseCall(ReleaseItemsRequest.Builder request) {
    return SessionCall.newBuilder().setReleaseItems(request);
  }
}
