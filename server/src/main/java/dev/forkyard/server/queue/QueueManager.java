package dev.forkyard.server.queue;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Keepers;
import dev.forkyard.server.session.OwnedThings;
import dev.forkyard.server.session.OwnedThings.Owned;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The queues of the daemon by name. Thread-safe. Every method throws {@link Fault} for what it
 * refuses at once; what it refuses later goes to the reply.
 */
public final class QueueManager {

  private final OwnedThings<ItemQueue> queues;
  private final Handles handles;
  private final Clock clock;
  private final Scheduler scheduler;
  private final WaiterLimit waiters;

  public QueueManager(
      int limit, Handles handles, Clock clock, Scheduler scheduler, WaiterLimit waiters) {
    this.queues = new OwnedThings<>(QueueFaults.KIND, limit, ItemQueue::delete);
    this.handles = handles;
    this.clock = clock;
    this.scheduler = scheduler;
    this.waiters = waiters;
    handles.register(Handle.Kind.QUEUE, this::hold);
  }

  /** Creates a queue, or opens the one of this id that has the same options. */
  public QueueSnapshot create(String id, QueueOptions options, Owner owner) {
    Registry.Made<Owned<ItemQueue>> made =
        queues.getOrCreate(
            id,
            owner,
            (newId, keepers) ->
                new ItemQueue(newId, Ids.random("l"), options, clock, scheduler, waiters));
    QueueOptions existing = made.thing().thing().options();
    if (!existing.equals(options)) {
      throw queues
          .exists(id, ", with " + existing.inWords() + " and not " + options.inWords())
          .with("existing_capacity", existing.capacity())
          .with("existing_capacity_bytes", existing.capacityBytes())
          .with("existing_max_priority", existing.maxPriority())
          .with("existing_dead_after_crashes", existing.deadAfterCrashes())
          .with("existing_dead_after_releases", existing.deadAfterReleases());
    }
    return snapshot(made.thing());
  }

  private static QueueSnapshot snapshot(Owned<ItemQueue> owned) {
    return owned.thing().snapshot(owned.owner().sessionId());
  }

  public QueueSnapshot get(String id) {
    return snapshot(queues.get(id));
  }

  /** The queue of an earlier answer as it is now, or as it was when it is gone. */
  public QueueSnapshot asItIsNow(QueueSnapshot earlier) {
    Owned<ItemQueue> owned = queues.find(earlier.id());
    return owned == null ? earlier : snapshot(owned);
  }

  public Registry.Page<QueueSnapshot> list(int pageSize, String pageToken) {
    Registry.Page<Owned<ItemQueue>> page = queues.page(pageSize, pageToken);
    return new Registry.Page<>(
        page.items().stream().map(QueueManager::snapshot).toList(), page.nextToken());
  }

  /** Puts all items or none; answers when the queue has them. */
  public void put(String id, PutRequest request, Reply<Done> reply) {
    Owned<ItemQueue> queue = queues.get(id);
    List<Hold> holds = new ArrayList<>(request.payloads().size());
    try {
      for (Payload payload : request.payloads()) {
        holds.add(handles.hold(payload.handles(), queue.keepers()));
      }
      queue.thing().put(request, holds, reply);
    } catch (Fault refused) {
      holds.forEach(Hold::revoke);
      throw refused;
    }
  }

  public void take(String id, TakeRequest request, Reply<Taken> reply) {
    queues.get(id).thing().take(request, reply);
  }

  public void ack(String id, List<String> tokens) {
    queues.get(id).thing().ack(tokens);
  }

  public void peek(String id, PeekRequest request, Reply<Peeked> reply) {
    queues.get(id).thing().peek(request, reply);
  }

  public void release(String id, ReleaseRequest request) {
    queues.get(id).thing().release(request);
  }

  public void extend(String id, List<String> tokens, Duration lease) {
    queues.get(id).thing().extend(tokens, lease);
  }

  /** Waits until no item is ready or leased. */
  public void awaitDrained(String id, @Nullable Duration timeout, Reply<Drained> reply) {
    queues.get(id).thing().awaitDrained(timeout, reply);
  }

  public QueueSnapshot close(String id, boolean immediately) {
    Owned<ItemQueue> owned = queues.get(id);
    owned.thing().close(immediately);
    return snapshot(owned);
  }

  /** Has a session keep a queue no more, which ends when nothing else keeps it. */
  public void leave(String id, Session session) {
    Afterwards after = new Afterwards();
    queues.get(id).keepers().remove(session, after);
    after.run();
  }

  /** Drops what is ready, or the dead letters; answers how many. */
  public int clear(String id, boolean deadLetters) {
    return queues.get(id).thing().clear(deadLetters);
  }

  /** Gives dead letters back to their places, all when there is no number; answers how many. */
  public int restore(String id, Set<Long> numbers) {
    return queues.get(id).thing().restore(numbers);
  }

  /** Deletes a queue; answers what it was. */
  public QueueSnapshot delete(String id) {
    Owned<ItemQueue> owned = queues.get(id);
    QueueSnapshot last = snapshot(owned);
    queues.delete(owned);
    return last;
  }

  public int size() {
    return queues.size();
  }

  private Hold hold(Handle handle, @Nullable Keepers inside) {
    return queues.hold(queues.get(handle.id()), inside);
  }
}
