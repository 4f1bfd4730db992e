package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replies of a session stream that were sent and that its client has not confirmed, so that
 * they can be sent again. When there are too many they are forgotten for good. Thread-safe; its
 * lock is a leaf.
 */
final class SentReplies {
  /** A client that leaves more than this unconfirmed cannot go on after its connection broke. */
  static final long MOST_BYTES = 64L << 20;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<SessionReplies> messages = new ArrayDeque<>();

  @GuardedBy("lock")
  private long bytes;

  /** Replies before the first message that is kept. */
  @GuardedBy("lock")
  private long before;

  @GuardedBy("lock")
  private long sent;

  @GuardedBy("lock")
  private boolean kept;

  /**
   * @param kept false for a stream that never sends replies again
   */
  SentReplies(boolean kept) {
    this.kept = kept;
  }

  /** Keeps a message that is being sent. */
  void add(SessionReplies message) {
    synchronized (lock) {
      sent += message.getRepliesCount();
      if (!kept) {
        return;
      }
      messages.add(message);
      bytes += message.getSerializedSize();
      if (bytes > MOST_BYTES) {
        kept = false;
        messages.clear();
      }
    }
  }

  /**
   * Forgets what the client has.
   *
   * @param received how many replies that is, since the stream began
   * @return false when not so many were sent
   */
  boolean confirm(long received) {
    synchronized (lock) {
      if (received > sent) {
        return false;
      }
      SessionReplies first = messages.peek();
      while (first != null && before + first.getRepliesCount() <= received) {
        before += first.getRepliesCount();
        bytes -= first.getSerializedSize();
        messages.remove();
        first = messages.peek();
      }
      return true;
    }
  }

  /** Whether everything is there that was not confirmed. */
  boolean areKept() {
    synchronized (lock) {
      return kept;
    }
  }

  /** Takes out what was sent after so many replies; null when not all of it is there. */
  @Nullable List<SessionReply> takeAfter(long received) {
    List<SessionReply> lost = new ArrayList<>();
    synchronized (lock) {
      if (!kept || received < before || received > sent) {
        return null;
      }
      messages.forEach(message -> lost.addAll(message.getRepliesList()));
      lost.subList(0, (int) Math.min(lost.size(), received - before)).clear();
      messages.clear();
      bytes = 0;
      before = received;
      sent = received;
    }
    return lost;
  }
}
