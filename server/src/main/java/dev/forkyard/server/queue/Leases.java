package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The items in the hands of takers, by token. Not thread-safe. */
final class Leases {

  /** What ends the leases of one answer when their time is over; gone with the last of them. */
  static final class Expiry {
    private final List<String> tokens = new ArrayList<>();
    private @Nullable Scheduled timer;
    private int held;

    void start(Scheduled newTimer) {
      timer = newTimer;
    }

    List<String> tokens() {
      return tokens;
    }

    private void add(String token) {
      tokens.add(token);
      held++;
    }

    private void oneEnded() {
      held--;
      if (held == 0 && timer != null) {
        timer.cancel();
      }
    }
  }

  private record Lease(Item item, @Nullable Session session, @Nullable Expiry expiry) {
    Item end() {
      if (expiry != null) {
        expiry.oneEnded();
      }
      return item;
    }
  }

  private final String fence;
  private final Map<String, Lease> byToken = new HashMap<>();

  /**
   * @param fence what makes tokens of this queue unlike those of every other queue and daemon
   */
  Leases(String fence) {
    this.fence = fence;
  }

  /** Leases an item; the token is new each time. */
  String grant(Item item, @Nullable Session session, @Nullable Expiry expiry) {
    String token = fence + '.' + item.number + '.' + item.attempts;
    byToken.put(token, new Lease(item, session, expiry));
    if (expiry != null) {
      expiry.add(token);
    }
    return token;
  }

  /**
   * Ends leases, all or none.
   *
   * @throws Fault LEASE_LOST when one of them is not held
   */
  List<Item> end(List<String> tokens) {
    List<Item> ended = new ArrayList<>(tokens.size());
    for (String token : tokens) {
      if (!byToken.containsKey(token)) {
        throw lost(token);
      }
    }
    for (String token : tokens) {
      Lease lease = byToken.remove(token);
      if (lease != null) {
        ended.add(lease.end());
      }
    }
    return ended;
  }

  /** Ends those of the leases that are still held. */
  List<Item> endHeld(List<String> tokens) {
    return end(tokens.stream().filter(byToken::containsKey).toList());
  }

  List<Item> endAllOf(Session session) {
    return endIf(lease -> lease.session() == session);
  }

  List<Item> endAll() {
    return endIf(lease -> true);
  }

  private List<Item> endIf(Predicate<Lease> test) {
    List<Item> ended = new ArrayList<>();
    Iterator<Lease> leases = byToken.values().iterator();
    while (leases.hasNext()) {
      Lease lease = leases.next();
      if (test.test(lease)) {
        leases.remove();
        ended.add(lease.end());
      }
    }
    return ended;
  }

  /** True when nobody but this session holds an item; without a session, when nobody does. */
  boolean nobodyElseHolds(@Nullable Session session) {
    if (session == null) {
      return byToken.isEmpty();
    }
    return byToken.values().stream().allMatch(lease -> lease.session() == session);
  }

  int size() {
    return byToken.size();
  }

  private static Fault lost(String token) {
    String shown = token.length() > 100 ? token.substring(0, 100) + "…" : token;
    return new Fault(
            Reason.LEASE_LOST,
            "The token \""
                + shown
                + "\" holds no item: the lease has run out, its session has ended, or the item was"
                + " acknowledged or released before. Nothing was changed.")
        .with("token", shown);
  }
}
