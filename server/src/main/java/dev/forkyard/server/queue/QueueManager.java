package dev.forkyard.server.queue;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.queue.ItemQueue.Offer;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queues of the daemon by name. Thread-safe. Every method throws {@link Fault} for what it
 * refuses at once; what it refuses later goes to the reply.
 */
public final class QueueManager {

  private record Owned(ItemQueue queue, Owner owner) {
    QueueSnapshot snapshot() {
      return queue.snapshot(owner.sessionId());
    }
  }

  private final Registry<Owned> queues;
  private final Handles handles;
  private final Scheduler scheduler;
  private final WaiterLimit waiters;

  public QueueManager(int limit, Handles handles, Scheduler scheduler, WaiterLimit waiters) {
    this.queues = new Registry<>(QueueFaults.KIND, limit);
    this.handles = handles;
    this.scheduler = scheduler;
    this.waiters = waiters;
    handles.register(Handle.Kind.QUEUE, this::hold);
  }

  /** Creates a queue, or opens the one of this id that has the same options. */
  public QueueSnapshot create(String id, QueueOptions options, Owner owner) {
    Registry.Made<Owned> made = queues.getOrCreate(id, newId -> make(newId, options, owner));
    Owned owned = made.thing();
    if (made.isNew()) {
      endWithOwner(owned);
    } else if (!owned.queue().options().equals(options)) {
      QueueOptions existing = owned.queue().options();
      throw queues
          .exists(id, ", with " + existing.inWords() + " and not " + options.inWords())
          .with("existing_capacity", existing.capacity())
          .with("existing_capacity_bytes", existing.capacityBytes());
    }
    return owned.snapshot();
  }

  private Owned make(String id, QueueOptions options, Owner owner) {
    return new Owned(new ItemQueue(id, Ids.random("l"), options, scheduler, waiters), owner);
  }

  private void endWithOwner(Owned owned) {
    try {
      owned.owner().endsWithIt(owned, () -> remove(owned));
    } catch (Fault ownerIsGone) {
      remove(owned);
      throw ownerIsGone;
    }
  }

  public QueueSnapshot get(String id) {
    return queues.get(id).snapshot();
  }

  public Registry.Page<QueueSnapshot> list(int pageSize, String pageToken) {
    Registry.Page<Owned> page = queues.page(pageSize, pageToken);
    return new Registry.Page<>(
        page.items().stream().map(Owned::snapshot).toList(), page.nextToken());
  }

  /** Puts all items or none; answers when the queue has them. */
  public void put(String id, List<Payload> items, @Nullable Duration timeout, Reply<Done> reply) {
    ItemQueue queue = queues.get(id).queue();
    if (items.isEmpty()) {
      throw Fault.invalid("items", "items is empty; put at least one item.");
    }
    List<Offer> offers = new ArrayList<>(items.size());
    try {
      for (Payload item : items) {
        offers.add(new Offer(item, handles.hold(item.handles())));
      }
      queue.put(offers, timeout, reply);
    } catch (Fault refused) {
      offers.forEach(offer -> offer.hold().release());
      throw refused;
    }
  }

  public void take(String id, TakeRequest request, Reply<Taken> reply) {
    queues.get(id).queue().take(request, reply);
  }

  public void ack(String id, List<String> tokens) {
    queues.get(id).queue().ack(tokens);
  }

  public void release(String id, List<String> tokens) {
    queues.get(id).queue().release(tokens);
  }

  public QueueSnapshot close(String id) {
    Owned owned = queues.get(id);
    owned.queue().close();
    return owned.snapshot();
  }

  /** Deletes a queue; answers what it was. */
  public QueueSnapshot delete(String id) {
    Owned owned = queues.get(id);
    QueueSnapshot last = owned.snapshot();
    if (!remove(owned)) {
      throw queues.notFound(id);
    }
    return last;
  }

  private boolean remove(Owned owned) {
    if (!queues.remove(owned.queue().id(), owned)) {
      return false;
    }
    owned.owner().ended(owned);
    owned.queue().delete();
    return true;
  }

  public int size() {
    return queues.size();
  }

  /** A queue lives as long as its owner; a handle to it only has to name one that exists. */
  private Hold hold(Handle handle) {
    queues.get(handle.id());
    return NOTHING_TO_HOLD;
  }

  private static final Hold NOTHING_TO_HOLD =
      new Hold() {
        @Override
        public void shareWith(Session session) {}

        @Override
        public void release() {}
      };
}
