package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The items in the hands of takers, by token. Not thread-safe. */
final class Leases {

  /** What ends leases when their time is over; gone with the last of them. */
  static final class Expiry {
    private final List<String> tokens = new ArrayList<>();
    private @Nullable Scheduled timer;
    private int held;

    void start(Scheduled newTimer) {
      timer = newTimer;
      if (held == 0) {
        newTimer.cancel();
      }
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

  /**
   * An item in the hands of a taker.
   *
   * @param session null for a taker without one
   * @param expiry null for a lease that ends with the session
   * @param ahead the taker does not work on it yet
   */
  record Lease(
      String token, Item item, @Nullable Session session, @Nullable Expiry expiry, boolean ahead) {}

  private final String fence;

  private final Map<String, Lease> byToken = new HashMap<>();

  /** By session, or none, and by token, in the order in which they were given. */
  private final Map<@Nullable Session, Map<String, Lease>> bySession = new HashMap<>();

  private long bytes;

  /**
   * @param fence what makes tokens of this queue unlike those of every other queue and daemon
   */
  Leases(String fence) {
    this.fence = fence;
  }

  /** Leases an item; the token is new each time. */
  String grant(
      Item item, int grant, @Nullable Session session, @Nullable Expiry expiry, boolean ahead) {
    String token = fence + '.' + item.number + '.' + grant;
    add(new Lease(token, item, session, expiry, ahead));
    bytes += item.sizeBytes;
    return token;
  }

  private void add(Lease lease) {
    byToken.put(lease.token(), lease);
    bySession
        .computeIfAbsent(lease.session(), first -> new LinkedHashMap<>())
        .put(lease.token(), lease);
    if (lease.expiry() != null) {
      lease.expiry().add(lease.token());
    }
  }

  /**
   * Ends leases, all or none.
   *
   * @throws Fault LEASE_LOST when one of them is not held
   */
  List<Lease> end(List<String> tokens) {
    check(tokens);
    return endHeld(tokens);
  }

  /**
   * @throws Fault LEASE_LOST when one of them is not held
   */
  private void check(List<String> tokens) {
    for (String token : tokens) {
      if (!byToken.containsKey(token)) {
        throw lost(token);
      }
    }
  }

  /** Ends those of the leases that are still held. */
  List<Lease> endHeld(List<String> tokens) {
    List<Lease> ended = new ArrayList<>(tokens.size());
    for (String token : tokens) {
      Lease lease = byToken.remove(token);
      if (lease != null) {
        ended(lease);
        ended.add(lease);
      }
    }
    return ended;
  }

  /** Ends those that this expiry still is for. */
  List<Lease> endOf(Expiry expiry) {
    return endHeld(
        expiry.tokens.stream()
            .filter(token -> byToken.containsKey(token) && expiry == byToken.get(token).expiry())
            .toList());
  }

  private void ended(Lease lease) {
    bySession.computeIfPresent(
        lease.session(),
        (session, leases) -> {
          leases.remove(lease.token());
          return leases.isEmpty() ? null : leases;
        });
    bytes -= lease.item().sizeBytes;
    if (lease.expiry() != null) {
      lease.expiry().oneEnded();
    }
  }

  /**
   * Has leases end with another expiry, all or none.
   *
   * @throws Fault LEASE_LOST when one of them is not held
   */
  void extend(List<String> tokens, Expiry expiry) {
    check(tokens);
    for (String token : tokens) {
      Lease lease = byToken.get(token);
      if (lease != null && lease.expiry() != expiry) {
        if (lease.expiry() != null) {
          lease.expiry().oneEnded();
        }
        add(new Lease(token, lease.item(), lease.session(), expiry, lease.ahead()));
      }
    }
  }

  List<Lease> endAllOf(Session session) {
    Map<String, Lease> leases = bySession.get(session);
    return leases == null ? List.of() : endHeld(List.copyOf(leases.keySet()));
  }

  List<Lease> endAll() {
    return endHeld(List.copyOf(byToken.keySet()));
  }

  /**
   * Who holds items.
   *
   * @param count how many do; those without a session count as one
   * @param only the session if there is one and nobody else; null otherwise
   */
  record Holders(int count, @Nullable Session only) {

    /** True when nobody but this session holds an item; without a session, when nobody does. */
    boolean areNobodyBut(@Nullable Session session) {
      return count == 0 || (count == 1 && session != null && session == only);
    }
  }

  Holders holders() {
    int count = bySession.size();
    return new Holders(count, count == 1 ? bySession.keySet().iterator().next() : null);
  }

  int size() {
    return byToken.size();
  }

  long bytes() {
    return bytes;
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
