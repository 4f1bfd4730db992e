package dev.forkyard.server.queue;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The items that can be taken, in order of their places. Not thread-safe. */
final class ReadyItems {
  /** Highest priority first. */
  private final List<Level> levels;

  private int size;
  private long bytes;

  ReadyItems(int maxPriority) {
    levels = IntStream.rangeClosed(0, maxPriority).mapToObj(each -> new Level()).toList();
  }

  /**
   * The items of one priority. New items come in order of their numbers, so that a deque keeps
   * them; what comes back has its place anywhere.
   */
  private static final class Level {
    private final ArrayDeque<Item> fresh = new ArrayDeque<>();
    private final TreeMap<Long, Item> returned = new TreeMap<>();

    boolean isEmpty() {
      return fresh.isEmpty() && returned.isEmpty();
    }

    @Nullable Item peek() {
      return returnedIsNext() ? returned.firstEntry().getValue() : fresh.peekFirst();
    }

    @Nullable Item poll() {
      return returnedIsNext() ? returned.pollFirstEntry().getValue() : fresh.pollFirst();
    }

    private boolean returnedIsNext() {
      if (returned.isEmpty()) {
        return false;
      }
      Item first = fresh.peekFirst();
      return first == null || returned.firstKey() < first.number;
    }

    @Nullable Item remove(long number) {
      Item item = returned.remove(number);
      Iterator<Item> items = fresh.iterator();
      while (item == null && items.hasNext()) {
        Item next = items.next();
        if (next.number == number) {
          items.remove();
          item = next;
        }
      }
      return item;
    }

    /** Looks at the items behind a number, in order, as long as somebody wants to see more. */
    boolean forEachAfter(long number, Predicate<Item> more) {
      Iterator<Item> behind = returned.tailMap(number, false).values().iterator();
      Item next = behind.hasNext() ? behind.next() : null;
      for (Item item : fresh) {
        if (item.number <= number) {
          continue;
        }
        while (next != null && next.number < item.number) {
          if (!more.test(next)) {
            return false;
          }
          next = behind.hasNext() ? behind.next() : null;
        }
        if (!more.test(item)) {
          return false;
        }
      }
      while (next != null) {
        if (!more.test(next)) {
          return false;
        }
        next = behind.hasNext() ? behind.next() : null;
      }
      return true;
    }
  }

  private Level level(Item item) {
    return levels.get(levels.size() - 1 - item.priority);
  }

  void addLast(Item item) {
    level(item).fresh.addLast(item);
    added(item);
  }

  /** Puts an item that was taken back to its old place. */
  void giveBack(Item item) {
    level(item).returned.put(item.number, item);
    added(item);
  }

  private void added(Item item) {
    size++;
    bytes += item.sizeBytes;
  }

  @Nullable Item peek() {
    for (Level level : levels) {
      Item item = level.peek();
      if (item != null) {
        return item;
      }
    }
    return null;
  }

  /**
   * @throws NoSuchElementException when there is none
   */
  Item remove() {
    Item item = poll();
    if (item == null) {
      throw new NoSuchElementException();
    }
    return item;
  }

  @Nullable Item poll() {
    for (Level level : levels) {
      Item item = level.poll();
      if (item != null) {
        removed(item);
        return item;
      }
    }
    return null;
  }

  /** Removes the item of a number; null when it is not here. */
  @Nullable Item remove(long number) {
    for (Level level : levels) {
      Item item = level.remove(number);
      if (item != null) {
        removed(item);
        return item;
      }
    }
    return null;
  }

  private void removed(Item item) {
    size--;
    bytes -= item.sizeBytes;
  }

  /** Looks at the items behind a place, in order, as long as somebody wants to see more. */
  void forEachAfter(Place place, Predicate<Item> more) {
    int priority = levels.size() - 1;
    for (Level level : levels) {
      if (priority <= place.priority() && !level.isEmpty()) {
        long after = priority == place.priority() ? place.number() : 0;
        if (!level.forEachAfter(after, more)) {
          return;
        }
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
