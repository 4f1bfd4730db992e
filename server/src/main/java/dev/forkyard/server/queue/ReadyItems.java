package dev.forkyard.server.queue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The items that can be taken, in order of their places. Not thread-safe. */
final class ReadyItems {
  /** Highest priority first. */
  private final List<SortedItems> levels;

  private int size;
  private long bytes;

  ReadyItems(int maxPriority) {
    levels = IntStream.rangeClosed(0, maxPriority).mapToObj(each -> new SortedItems()).toList();
  }

  /** Puts an item into its place, for the first time or again. */
  void add(Item item) {
    levels.get(levels.size() - 1 - item.priority).add(item);
    size++;
    bytes += item.sizeBytes;
  }

  @Nullable Item peek() {
    for (SortedItems level : levels) {
      Item item = level.peek();
      if (item != null) {
        return item;
      }
    }
    return null;
  }

  @CanIgnoreReturnValue
  @Nullable Item poll() {
    for (SortedItems level : levels) {
      Item item = level.poll();
      if (item != null) {
        return removed(item);
      }
    }
    return null;
  }

  /** Removes the item of a number; null when it is not here. */
  @Nullable Item remove(long number) {
    for (SortedItems level : levels) {
      Item item = level.remove(number);
      if (item != null) {
        return removed(item);
      }
    }
    return null;
  }

  private Item removed(Item item) {
    size--;
    bytes -= item.sizeBytes;
    return item;
  }

  /** Looks at the items behind a place, in order, as long as somebody wants to see more. */
  void forEachAfter(Place place, Predicate<Item> more) {
    int priority = levels.size() - 1;
    for (SortedItems level : levels) {
      long from = priority == place.priority() ? place.number() + 1 : 0;
      if (priority <= place.priority() && !level.forEachFrom(from, more)) {
        return;
      }
      priority--;
    }
  }

  int size() {
    return size;
  }

  long bytes() {
    return bytes;
  }
}
