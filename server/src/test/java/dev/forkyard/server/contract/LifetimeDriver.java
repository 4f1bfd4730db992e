package dev.forkyard.server.contract;

import dev.forkyard.server.contract.PipeDriver.End;
import dev.forkyard.server.contract.PipeDriver.Received;
import dev.forkyard.server.core.Handle;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One way to reach queues and pipes, and the handles in them. */
interface LifetimeDriver {

  /** Opens a session; answers its name. */
  String openSession();

  /** Ends a session, and waits until that is done. */
  void endSession(String session);

  /** Ends the sessions that are left, and deletes what nobody owns. */
  void clean();

  /** Creates a queue for one item; the owner is a session, or empty for none. */
  String createQueue(String owner);

  /** Creates a pipe; the owner is a session, or empty for none. */
  String createPipe(String owner);

  boolean hasQueue(String queue);

  boolean hasPipe(String pipe);

  void deleteQueue(String queue);

  /** Has a session keep a queue no more. */
  void leaveQueue(String queue, String session);

  /** Puts an item with handles in it. */
  Call<Void> put(String queue, @Nullable Duration timeout, Handle... handles);

  /** Takes an item; answers its token, or nothing when there is none in time. */
  Call<List<String>> take(String queue, String session, @Nullable Duration timeout);

  void ack(String queue, List<String> tokens);

  /** Makes an item a dead letter. */
  void giveUp(String queue, List<String> tokens);

  void clearDeadLetters(String queue);

  /** Sends a message with handles in it. */
  Call<Void> send(String pipe, End end, String session, Handle... handles);

  Call<Received> receive(String pipe, End end, String session, @Nullable Duration timeout);

  void close(String pipe, End end, String session);

  /** How many calls wait, on whatever. */
  int waiting();
}
