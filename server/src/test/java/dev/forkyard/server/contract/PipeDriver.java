package dev.forkyard.server.contract;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One way to reach pipes. */
interface PipeDriver {
  /** The two ends. */
  enum End {
    LEFT,
    RIGHT
  }

  /** The answer to a receive. */
  record Received(List<String> values, boolean timedOut, boolean end) {}

  /** What can be seen of one end. */
  record EndState(int holders, boolean gone, int unread) {}

  /** The answer to a poll. */
  record Polled(boolean readable, boolean end, boolean timedOut) {}

  /** Creates a pipe of a new name; the capacity is in bytes, 0 for the default. */
  String create(long capacityBytes, boolean simplex);

  default String create(long capacityBytes) {
    return create(capacityBytes, false);
  }

  /** Opens a session; answers its name. */
  String openSession();

  /** Ends a session, and waits until that is done. */
  void endSession(String session);

  /** Ends the sessions that are left, and deletes the pipes. */
  void end();

  Call<Void> send(
      String pipe, End end, String session, @Nullable Duration timeout, List<String> values);

  /** Sends one message that holds a handle to an end of another pipe. */
  Call<Void> sendHandle(String pipe, End end, String session, String otherPipe, End otherEnd);

  /** Receives messages of at most so many bytes, or of any length for 0. */
  Call<Received> receive(
      String pipe, End end, String session, int most, int mostBytes, @Nullable Duration timeout);

  default Call<Received> receive(
      String pipe, End end, String session, int most, @Nullable Duration timeout) {
    return receive(pipe, end, session, most, 0, timeout);
  }

  Call<Polled> poll(String pipe, End end, String session, @Nullable Duration timeout);

  /** Closes an end for a session, or for everybody where that is empty. */
  void close(String pipe, End end, String session);

  void delete(String pipe);

  EndState state(String pipe, End end);

  /** How many calls wait, on whatever. */
  int waiting();
}
