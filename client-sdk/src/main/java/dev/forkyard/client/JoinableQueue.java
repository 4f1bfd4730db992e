package dev.forkyard.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.v1.LeasedItem;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * A queue whose items are done when their takers say so: each {@code get} leases its item until
 * {@link #taskDone}, and {@link #join()} waits until all items are done.
 *
 * <p>A taker that dies before {@code taskDone} gives its items back, so {@code join} does not wait
 * for the dead; an item that killed too many of its takers is a {@linkplain #deadLetters dead
 * letter} and counts as done. Only what {@code get}, {@code getAsync}, {@code getMany} and the
 * {@linkplain #asBlockingQueue view} hand out wants a {@code taskDone}; {@link #lease()} and {@link
 * #forEach} work as with every queue.
 *
 * <p>Whether an item that was handed out is done at once or by {@code taskDone} is up to the taker:
 * a function whose parameter is a {@code JoinableQueue} gets one, whatever was passed, and so it is
 * with {@code RemoteQueue}. Thread-safe.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@code join} tells how many items have died, and may have a time-out. In Python it waits for ever
 * when a consumer dies.
 *
 * @param <T> type of the items
 */
public final class JoinableQueue<T> extends RemoteQueue<T> {
  /** The lease of an item that was handed out, and to whom. */
  private record Task(String token, Thread taker) {}

  private final Object lock = new Object();

  /** Oldest first. */
  @GuardedBy("lock")
  private final ArrayDeque<Task> outstanding = new ArrayDeque<>();

  JoinableQueue(Wire wire, String id, Type type) {
    super(wire, id, type, new Taker(wire, id, false));
  }

  /**
   * Says that an item is done: of those that this thread has got from this object the oldest that
   * is not done, or if there is none, the oldest that another thread has got. Returns when the
   * daemon has removed it.
   *
   * <p>What {@link #getAsync} hands out counts as got by the thread of the SDK that completes the
   * future. So {@code taskDone} in what depends on the future is for its item; on a thread that has
   * waited for the future, it is for the oldest item of all.
   *
   * @throws ForkyardException with reason TASK_DONE_TOO_MANY if nothing that was got from this
   *     object is left to be done; CONNECTION_LOST if the session has ended, and the item has gone
   *     back
   */
  public void taskDone() {
    ack(removeOldest());
  }

  @Override
  void handedOut(LeasedItem item) {
    synchronized (lock) {
      outstanding.add(new Task(item.getToken(), Thread.currentThread()));
    }
  }

  private String removeOldest() {
    synchronized (lock) {
      Iterator<Task> tasks = outstanding.iterator();
      while (tasks.hasNext()) {
        Task task = tasks.next();
        if (task.taker() == Thread.currentThread()) {
          tasks.remove();
          return task.token();
        }
      }
      Task oldest = outstanding.poll();
      if (oldest == null) {
        throw Errors.of(
            ForkyardException.Code.FAILED_PRECONDITION,
            "TASK_DONE_TOO_MANY",
            "taskDone was called more often than items were taken from this " + this);
      }
      return oldest.token();
    }
  }
}
