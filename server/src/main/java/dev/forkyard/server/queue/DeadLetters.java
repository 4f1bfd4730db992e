package dev.forkyard.server.queue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The items that nobody is given any more, in the order in which they died; the oldest go when
 * there are too many. Not thread-safe.
 */
final class DeadLetters {
  static final int MOST = 1_000;
  static final long MOST_BYTES = 16L << 20;

  private record Dead(Item item, ItemDeath death) {}

  private final TreeMap<Long, Dead> letters = new TreeMap<>();
  private long lastNumber;
  private long bytes;
  private long dropped;
  private long died;

  /** Adds one; answers those that are not kept any more. */
  List<Item> add(Item item, ItemDeath death) {
    letters.put(++lastNumber, new Dead(item, death));
    bytes += item.sizeBytes;
    died++;
    List<Item> tooMany = new ArrayList<>();
    while (letters.size() > MOST || (bytes > MOST_BYTES && letters.size() > 1)) {
      Item oldest = letters.pollFirstEntry().getValue().item();
      bytes -= oldest.sizeBytes;
      dropped++;
      tooMany.add(oldest);
    }
    return tooMany;
  }

  /** Removes those of these numbers, or all when there is no number. */
  List<Item> remove(Set<Long> numbers) {
    List<Item> removed = new ArrayList<>();
    Iterator<Dead> all = letters.values().iterator();
    while (all.hasNext()) {
      Item item = all.next().item();
      if (numbers.isEmpty() || numbers.contains(item.number)) {
        all.remove();
        bytes -= item.sizeBytes;
        removed.add(item);
      }
    }
    return removed;
  }

  /** Counts items that live again. */
  void restored(int count) {
    died -= count;
  }

  /** Sees those behind a place. */
  interface Viewer {
    /** Sees one; answers whether it wants more. */
    boolean see(long place, Item item, ItemDeath death);
  }

  void forEachAfter(long place, Viewer viewer) {
    for (Map.Entry<Long, Dead> entry : letters.tailMap(place, false).entrySet()) {
      Dead dead = entry.getValue();
      if (!viewer.see(entry.getKey(), dead.item(), dead.death())) {
        return;
      }
    }
  }

  int size() {
    return letters.size();
  }

  long bytes() {
    return bytes;
  }

  long dropped() {
    return dropped;
  }

  long died() {
    return died;
  }
}
