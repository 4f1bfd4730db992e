package dev.forkyard.client;

import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueItem;
import java.time.Duration;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What {@link RemoteQueue#asBlockingQueue} answers. */
final class BlockingQueueView<T> extends AbstractQueue<T> implements BlockingQueue<T> {
  private final RemoteQueue<T> queue;

  BlockingQueueView(RemoteQueue<T> queue) {
    this.queue = queue;
  }

  @Override
  public boolean offer(T item) {
    return inSpiteOfInterrupts(() -> queue.offer(item));
  }

  @Override
  public boolean offer(T item, long timeout, TimeUnit unit) throws InterruptedException {
    return queue.offer(item, duration(timeout, unit));
  }

  @Override
  public void put(T item) throws InterruptedException {
    queue.put(item);
  }

  @Override
  public T take() throws InterruptedException {
    return queue.get();
  }

  @Override
  public @Nullable T poll() {
    List<T> items = pollMany(1);
    return items.isEmpty() ? null : items.get(0);
  }

  @Override
  public @Nullable T poll(long timeout, TimeUnit unit) throws InterruptedException {
    return queue.get(duration(timeout, unit)).orElse(null);
  }

  @Override
  public @Nullable T peek() {
    return queue.peek().orElse(null);
  }

  @Override
  public int drainTo(Collection<? super T> target) {
    return drainTo(target, Integer.MAX_VALUE);
  }

  @Override
  public int drainTo(Collection<? super T> target, int most) {
    Objects.requireNonNull(target, "target");
    if (target instanceof BlockingQueueView<?> view && view.queue.isSameAs(queue)) {
      throw new IllegalArgumentException("a queue cannot be drained into itself");
    }
    int drained = 0;
    while (drained < most) {
      List<T> items = pollMany(most - drained);
      if (items.isEmpty()) {
        break;
      }
      target.addAll(items);
      drained += items.size();
    }
    return drained;
  }

  @Override
  public int size() {
    return queue.size();
  }

  @Override
  public int remainingCapacity() {
    QueueInfo info = queue.info();
    return Math.max(0, info.getCapacity() - info.getReady());
  }

  @Override
  public void clear() {
    queue.clear();
  }

  /** Removes the first item that is equal and that nobody else takes meanwhile. */
  @Override
  public boolean remove(@Nullable Object item) {
    Items items = new Items();
    while (items.hasNext()) {
      if (items.next().equals(item) && items.removeLast()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Iterator<T> iterator() {
    return new Items();
  }

  /** Without a size: it changes while others put and take. */
  @Override
  public Spliterator<T> spliterator() {
    return Spliterators.spliteratorUnknownSize(
        iterator(), Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.CONCURRENT);
  }

  private List<T> pollMany(int most) {
    try {
      return inSpiteOfInterrupts(() -> queue.getMany(most, Duration.ZERO));
    } catch (QueueEndedException e) {
      return List.of();
    }
  }

  private static Duration duration(long timeout, TimeUnit unit) {
    return Duration.ofNanos(unit.toNanos(timeout));
  }

  private interface Operation<R> {
    R run() throws InterruptedException;
  }

  /** Does what is answered at once; an interrupt does not break it off and stays set. */
  private static <R> R inSpiteOfInterrupts(Operation<R> operation) {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return operation.run();
        } catch (InterruptedException e) {
          interrupted = true; // and nothing was done
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The items as they are when they are looked at. */
  private final class Items implements Iterator<T> {
    private final PeekedItems items = queue.peeked(PeekedItems.LARGEST_PAGE);
    private @Nullable QueueItem last;

    @Override
    public boolean hasNext() {
      return items.hasNext();
    }

    @Override
    public T next() {
      QueueItem item = items.next();
      last = item;
      return queue.decode(item.getPayload());
    }

    @Override
    public void remove() {
      boolean unused = removeLast(); // it is gone in either case
    }

    /** Removes what was answered last; false if somebody else has taken it. */
    private boolean removeLast() {
      QueueItem item = last;
      if (item == null) {
        throw new IllegalStateException("there is no item to remove; call next first");
      }
      last = null;
      return queue.remove(item.getNumber());
    }
  }
}
