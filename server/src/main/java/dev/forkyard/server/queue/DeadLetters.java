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

  /**
   * One of them.
   *
   * @param sizeBytes with what is known of its takers, and the reason
   */
  record Dead(Item item, ItemDeath death, int sizeBytes) {
    static Dead of(Item item, ItemDeath death) {
      return new Dead(item, death, item.sizeBytes + item.historyBytes() + death.sizeBytes());
    }
  }

  private final TreeMap<Long, Dead> letters = new TreeMap<>();
  private long lastNumber;
  private long bytes;
  private long dropped;
  private long died;

  /** Adds one; answers those that are not kept any more. */
  List<Item> add(Item item, ItemDeath death) {
    Dead letter = Dead.of(item, death);
    letters.put(++lastNumber, letter);
    bytes += letter.sizeBytes();
    died++;
    List<Item> tooMany = new ArrayList<>();
    while (letters.size() > MOST || (bytes > MOST_BYTES && letters.size() > 1)) {
      Dead oldest = letters.pollFirstEntry().getValue();
      bytes -= oldest.sizeBytes();
      dropped++;
      tooMany.add(oldest.item());
    }
    return tooMany;
  }

  /** Removes those of these numbers, or all when there is no number. */
  List<Item> remove(Set<Long> numbers) {
    List<Item> removed = new ArrayList<>();
    Iterator<Dead> all = letters.values().iterator();
    while (all.hasNext()) {
      Dead letter = all.next();
      if (numbers.isEmpty() || numbers.contains(letter.item().number)) {
        all.remove();
        bytes -= letter.sizeBytes();
        removed.add(letter.item());
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
    boolean see(long place, Dead letter);
  }

  void forEachAfter(long place, Viewer viewer) {
    for (Map.Entry<Long, Dead> entry : letters.tailMap(place, false).entrySet()) {
      if (!viewer.see(entry.getKey(), entry.getValue())) {
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
