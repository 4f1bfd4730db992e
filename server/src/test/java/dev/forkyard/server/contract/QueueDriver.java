package dev.forkyard.server.contract;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One way to reach queues. */
interface QueueDriver {

  /** The answer to a take. */
  record Taken(
      List<String> values,
      List<String> tokens,
      List<Integer> attempts,
      boolean timedOut,
      boolean end) {}

  /** What can be seen of a queue. */
  record State(int ready, int leased, int putters, int takers, boolean closed) {}

  /** Creates a queue of a new name; the capacity is in items and in bytes, 0 for the default. */
  String create(int capacity, long capacityBytes);

  /** Opens a session; answers its name. */
  String openSession();

  /** Ends a session, and waits until that is done. */
  void endSession(String session);

  /** Ends the sessions that are left. */
  void endSessions();

  Call<Void> put(String queue, String session, @Nullable Duration timeout, List<String> values);

  Call<Taken> take(String queue, String session, int most, @Nullable Duration timeout);

  Call<Void> ack(String queue, String session, List<String> tokens);

  Call<Void> release(String queue, String session, List<String> tokens);

  void close(String queue);

  void delete(String queue);

  State state(String queue);
}
