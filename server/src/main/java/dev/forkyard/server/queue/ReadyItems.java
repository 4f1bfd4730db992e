package dev.forkyard.server.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The items that can be taken, in order of their places. Not thread-safe.
 *
 * <p>Items are first taken in order, so whatever comes back has a smaller number than everything
 * that was never taken: two containers keep the order, and the usual one is a plain deque.
 */
final class ReadyItems {
  private final PriorityQueue<Item> returned =
      new PriorityQueue<>(Comparator.comparingLong(Item::place));
  private final ArrayDeque<Item> fresh = new ArrayDeque<>();
  private long bytes;

  void addLast(Item item) {
    fresh.addLast(item);
    bytes += item.payload.sizeBytes();
  }

  /** Puts an item that was taken back to its old place. */
  void giveBack(Item item) {
    returned.add(item);
    bytes += item.payload.sizeBytes();
  }

  @Nullable Item peek() {
    return returned.isEmpty() ? fresh.peekFirst() : returned.peek();
  }

  /**
   * @throws java.util.NoSuchElementException when there is none
   */
  Item remove() {
    Item item = poll();
    if (item == null) {
      throw new NoSuchElementException();
    }
    return item;
  }

  @Nullable Item poll() {
    Item item = returned.isEmpty() ? fresh.pollFirst() : returned.poll();
    if (item != null) {
      bytes -= item.payload.sizeBytes();
    }
    return item;
  }

  int size() {
    return returned.size() + fresh.size();
  }

  long bytes() {
    return bytes;
  }
}
