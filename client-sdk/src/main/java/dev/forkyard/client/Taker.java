package dev.forkyard.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the items of one queue, some ahead for callers who come back fast.
 *
 * <p>What is taken ahead is leased, like everything taken. It is given back when nobody has come
 * for it for 50 ms, and before the session ends, so a slow consumer keeps no other from working:
 * only who used up the items before within 10 ms gets more ahead.
 */
final class Taker {
  private static final int MOST_AHEAD = 256;
  private static final long FAST_NANOS = 10_000_000;
  private static final long IDLE_MILLIS = 50;

  private final Wire wire;
  private final String queueId;
  private final Runnable giveBack = this::giveBackAll;
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
  private long handedOut;

  @GuardedBy("lock")
  private boolean watched;

  Taker(Wire wire, String queueId) {
    this.wire = wire;
    this.queueId = queueId;
  }

  /**
   * Takes one item, from those ahead if there are any.
   *
   * @param timeout how long to wait; null for ever
   * @return the item; null if none came in time
   */
  @Nullable LeasedItem next(@Nullable Duration timeout) throws InterruptedException {
    int most;
    synchronized (lock) {
      LeasedItem item = ahead.poll();
      if (item != null) {
        handedOut++;
        if (ahead.isEmpty()) {
          wire.notBeforeClose(giveBack);
        }
        return item;
      }
      batch =
          System.nanoTime() - arrival <= FAST_NANOS
              ? Math.min(MOST_AHEAD, batch * 2)
              : Math.max(1, batch / 2);
      most = batch;
    }
    return keepAhead(take(most, timeout));
  }

  /**
   * Takes items from the daemon.
   *
   * @return the items; none if none came in time
   * @throws QueueEndedException if none will ever come
   */
  List<LeasedItem> take(int most, @Nullable Duration timeout) throws InterruptedException {
    TakeItemsResponse taken = wire.callInterruptibly(takeCall(most, timeout)).getTakeItems();
    if (taken.getEnd()) {
      throw new QueueEndedException(queueId);
    }
    return taken.getItemsList();
  }

  /** Makes the call that takes items. */
  SessionCall.Builder takeCall(int most, @Nullable Duration timeout) {
    TakeItemsRequest.Builder request =
        TakeItemsRequest.newBuilder().setQueueId(queueId).setMaxItems(most);
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    return SessionCall.newBuilder().setTakeItems(request);
  }

  /** Makes the call that says that an item is done. */
  SessionCall.Builder ackCall(LeasedItem item) {
    return SessionCall.newBuilder()
        .setAckItems(AckItemsRequest.newBuilder().setQueueId(queueId).addTokens(item.getToken()));
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

  /** Makes the call that gives items back to their places. */
  SessionCall.Builder releaseCall(Iterable<LeasedItem> items) {
    ReleaseItemsRequest.Builder request = ReleaseItemsRequest.newBuilder().setQueueId(queueId);
    items.forEach(item -> request.addTokens(item.getToken()));
    return SessionCall.newBuilder().setReleaseItems(request);
  }

  private void ackHandedOut() {
    AckItemsRequest.Builder request = AckItemsRequest.newBuilder().setQueueId(queueId);
    synchronized (lock) {
      request.addAllTokens(handed);
      handed.clear();
    }
    wire.stream().send(SessionCall.newBuilder().setAckItems(request));
  }

  private @Nullable LeasedItem keepAhead(List<LeasedItem> items) {
    if (items.isEmpty()) {
      return null;
    }
    synchronized (lock) {
      arrival = System.nanoTime();
      handedOut++;
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
      long seen = handedOut;
      wire.later(IDLE_MILLIS, () -> giveBackIfIdle(seen));
    }
  }

  private void giveBackIfIdle(long seen) {
    synchronized (lock) {
      watched = false;
      if (ahead.isEmpty()) {
        return;
      }
      if (handedOut != seen) {
        watch();
        return;
      }
      batch = 1;
    }
    giveBackAll();
  }

  private void giveBackAll() {
    List<LeasedItem> unused;
    synchronized (lock) {
      unused = List.copyOf(ahead);
      ahead.clear();
      wire.notBeforeClose(giveBack);
    }
    if (!unused.isEmpty()) {
      wire.stream().send(releaseCall(unused));
    }
  }
}
