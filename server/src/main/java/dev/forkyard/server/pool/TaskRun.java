package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.session.Session;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The calls that one client runs on one pool. Its fields are guarded by the lock of the pool; its
 * methods are called by the carrier.
 */
public final class TaskRun {
  private final WorkerPool pool;
  final OutcomeSink sink;

  /** Who is given what handles in results refer to; null for nobody. */
  private final @Nullable Session receiver;

  /** Chunks that wait for a worker, by place. */
  final TreeMap<Long, Chunk> queued = new TreeMap<>();

  /** Chunks that wait for room, in their order. */
  final Set<Chunk> atTheDoor = new LinkedHashSet<>();

  /** Size of what waits at the door. */
  long doorBytes;

  /** Chunks accepted and not answered whole, by number. */
  final Map<Integer, Chunk> open = new HashMap<>();

  /** Outcomes decided and not yet told; the run is not finished before they are. */
  int telling;

  boolean noMore;
  boolean paused;
  boolean cancelled;

  TaskRun(WorkerPool pool, OutcomeSink sink, @Nullable Session receiver) {
    this.pool = pool;
    this.sink = sink;
    this.receiver = receiver;
  }

  /**
   * Accepts a chunk. While the pool has no room for it, it waits at the door.
   *
   * @throws dev.forkyard.server.core.Fault POOL_CLOSED; TOO_MANY_WAITERS when the pools of the
   *     daemon hold too many bytes of arguments; BAD_CHUNK for the number of a chunk that is not
   *     answered yet; and for handles that refer to nothing
   */
  public void submit(ChunkRequest chunk) {
    pool.submit(this, chunk);
  }

  /**
   * Accepts several chunks, all or none, whether there is room or not.
   *
   * @throws dev.forkyard.server.core.Fault POOL_CLOSED; and for handles that refer to nothing
   */
  void letIn(List<ChunkRequest> chunks) {
    pool.letIn(this, chunks);
  }

  /**
   * Whether the arguments of a chunk must be sound before it is submitted: its workers may be
   * written by anybody. The Java runtime answers for itself what it cannot decode.
   */
  public boolean isChecked() {
    return !pool.worksAhead();
  }

  /** Whether a worker has a chunk. */
  boolean isAssigned(int chunk) {
    return pool.isAssigned(this, chunk);
  }

  /**
   * Runs an action once, as soon as the client may bring more: when nothing that it brought waits,
   * or little at the door and not too much in the daemon. On any thread.
   */
  public void whenMoreFits(Runnable action) {
    pool.whenMoreFits(this, action);
  }

  /** Runs an action once, as soon as the pool has room for more calls; on any thread. */
  void whenRoom(Runnable action) {
    pool.whenRoom(this, action);
  }

  /** The client sends no more chunks. */
  public void noMoreChunks() {
    pool.noMoreChunks(this);
  }

  /** Holds back, or lets go again, what was not given to a worker: the client does not read. */
  public void pause(boolean hold) {
    pool.pause(this, hold);
  }

  /**
   * Gives up the unanswered calls of a chunk. Each of them is still answered: as CANCELLED, or with
   * its outcome if it has one. A chunk that is answered, or unknown, is left alone.
   *
   * @param running also the call that runs: its function is asked to end, and after the pool's
   *     cancel grace its worker is stopped
   */
  public void cancel(int chunk, boolean running) {
    pool.cancel(this, chunk, running);
  }

  /**
   * The client is gone: gives up everything, what runs too; nothing is told to the sink any more.
   */
  public void cancel() {
    pool.cancel(this);
  }

  /** Gives the client's session what handles in results refer to. Called outside of every lock. */
  void give(Payload results) {
    if (receiver != null) {
      pool.give(results, receiver);
    }
  }

  /** Tells the client something after the lock of the pool was let go. Called under it. */
  void tell(Afterwards after, Consumer<OutcomeSink> what) {
    if (cancelled) {
      return;
    }
    telling++;
    after.add(
        () -> {
          try {
            what.accept(sink);
          } finally {
            pool.told(this);
          }
        });
  }
}
