package dev.forkyard.server.contract;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One way to reach queues. */
interface QueueDriver {

  /** The answer to a take. */
  record Taken(
      List<String> values,
      List<String> tokens,
      List<Integer> attempts,
      List<Long> numbers,
      List<Map<String, String>> attributes,
      boolean timedOut,
      boolean end) {}

  /** What can be seen of a queue. */
  record State(int ready, int leased, int putters, int takers, boolean closed) {}

  /** How a queue is made; 0 for the defaults. */
  record Options(
      int capacity,
      long capacityBytes,
      int maxPriority,
      int deadAfterCrashes,
      int deadAfterReleases) {}

  /** What is said of items that are put. */
  record About(int priority, Map<String, String> attributes) {
    static final About NOTHING = new About(0, Map.of());
  }

  /** Ways to take. */
  enum Mode {
    WORK,
    AHEAD,
    AUTO_ACK
  }

  /** What a taker wants; the number is 0 for the front, the lease null for the usual one. */
  record Wish(
      int most, long number, @Nullable Duration timeout, @Nullable Duration lease, Mode mode) {
    static Wish now(int most) {
      return new Wish(most, 0, Duration.ZERO, null, Mode.WORK);
    }

    Wish with(Mode newMode) {
      return new Wish(most, number, timeout, lease, newMode);
    }
  }

  /** An item that is seen without being taken. */
  record Seen(
      long number,
      String value,
      int priority,
      Map<String, String> attributes,
      int attempts,
      int releases,
      int crashCount,
      List<String> crashes,
      String death,
      String reason) {}

  /** The answer to a peek. */
  record View(List<Seen> items, boolean timedOut, boolean end, String next) {
    List<String> values() {
      return items.stream().map(Seen::value).toList();
    }
  }

  /** The answer to a wait for the end of all items. */
  record Drained(boolean timedOut, int unfinished, long died) {}

  /** Ways to give items back. */
  enum Return {
    RELEASE,
    UNUSED,
    GIVE_UP
  }

  String create(Options options);

  /** Creates a queue of a new name; the capacity is in items and in bytes, 0 for the default. */
  default String create(int capacity, long capacityBytes) {
    return create(new Options(capacity, capacityBytes, 0, 0, 0));
  }

  /** Opens a session; answers its name. */
  String openSession();

  /** Ends a session, and waits until that is done. */
  void endSession(String session);

  /** Ends the sessions and deletes the queues that are left. */
  void end();

  Call<Void> put(
      String queue, String session, @Nullable Duration timeout, List<String> values, About about);

  default Call<Void> put(
      String queue, String session, @Nullable Duration timeout, List<String> values) {
    return put(queue, session, timeout, values, About.NOTHING);
  }

  /** Takes items; the session is empty for a caller without one. */
  Call<Taken> take(String queue, String session, Wish wish);

  default Call<Taken> take(String queue, String session, int most, @Nullable Duration timeout) {
    return take(queue, session, new Wish(most, 0, timeout, null, Mode.WORK));
  }

  Call<View> peek(
      String queue,
      String session,
      int most,
      @Nullable Duration timeout,
      boolean deadLetters,
      String after);

  Call<Void> ack(String queue, String session, List<String> tokens);

  Call<Void> release(String queue, String session, List<String> tokens, Return way, String reason);

  default Call<Void> release(String queue, String session, List<String> tokens) {
    return release(queue, session, tokens, Return.RELEASE, "");
  }

  Call<Void> extend(String queue, String session, List<String> tokens, Duration lease);

  Call<Drained> drain(String queue, String session, @Nullable Duration timeout);

  void close(String queue, boolean immediately);

  default void close(String queue) {
    close(queue, false);
  }

  int clear(String queue, boolean deadLetters);

  Call<Integer> restore(String queue, List<Long> numbers);

  void delete(String queue);

  State state(String queue);
}
