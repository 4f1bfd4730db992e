package dev.forkyard.server.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Items in the order of their numbers. They lie in short runs, so that one behind the last or at
 * the front costs no more when there are many, and one in between a search. Not thread-safe.
 */
final class SortedItems {
  private static final int MOST_IN_RUN = 64;

  /** By a number that no item of the run is below. Only a run that is alone may be empty. */
  private final TreeMap<Long, List<Item>> runs = new TreeMap<>();

  private List<Item> first = List.of();
  private List<Item> last = List.of();

  private void addRun(long from, List<Item> run) {
    runs.put(from, run);
    findEnds();
  }

  private void findEnds() {
    first = runs.firstEntry().getValue();
    last = runs.lastEntry().getValue();
  }

  void add(Item item) {
    List<Item> run = isNextOf(last, item) ? last : runFor(item.number);
    run.add(placeIn(run, item.number), item);
  }

  private static boolean isNextOf(List<Item> run, Item item) {
    int size = run.size();
    return size > 0 && size < MOST_IN_RUN && run.get(size - 1).number < item.number;
  }

  /** The run that an item of this number belongs to; it has room. */
  private List<Item> runFor(long number) {
    Map.Entry<Long, List<Item>> entry = runs.floorEntry(number);
    if (entry == null) {
      entry = runs.pollFirstEntry();
      addRun(number, entry == null ? new ArrayList<>(MOST_IN_RUN) : entry.getValue());
    }
    List<Item> run = entry == null ? first : entry.getValue();
    return run.size() < MOST_IN_RUN ? run : split(run, number);
  }

  /** Makes two runs of a full one; answers the one that an item of this number belongs to. */
  private List<Item> split(List<Item> run, long number) {
    boolean isBehind = run.get(MOST_IN_RUN - 1).number < number;
    List<Item> rest = run.subList(isBehind ? MOST_IN_RUN : MOST_IN_RUN / 2, MOST_IN_RUN);
    long from = isBehind ? number : rest.get(0).number;
    List<Item> next = new ArrayList<>(MOST_IN_RUN);
    next.addAll(rest);
    rest.clear();
    addRun(from, next);
    return number < from ? run : next;
  }

  /** The place in a run of the first item that is not below a number. */
  private static int placeIn(List<Item> run, long number) {
    int low = 0;
    int high = run.size();
    if (high > 0 && run.get(high - 1).number < number) {
      return high; // as nearly always
    }
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (run.get(middle).number < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Nullable Item peek() {
    return first.isEmpty() ? null : first.get(0);
  }

  @Nullable Item poll() {
    if (first.isEmpty()) {
      return null;
    }
    Item item = first.remove(0);
    if (first.isEmpty() && runs.size() > 1) {
      runs.remove(runs.firstKey());
      findEnds();
    }
    return item;
  }

  /** Removes the item of a number; null when it is not here. */
  @Nullable Item remove(long number) {
    Map.Entry<Long, List<Item>> entry = runs.floorEntry(number);
    if (entry == null) {
      return null;
    }
    List<Item> run = entry.getValue();
    int place = placeIn(run, number);
    if (place == run.size() || run.get(place).number != number) {
      return null;
    }
    Item item = run.remove(place);
    if (run.isEmpty() && runs.size() > 1) {
      runs.remove(entry.getKey());
      findEnds();
    }
    return item;
  }

  /**
   * Looks at the items from a number on, in order, as long as somebody wants to see more; answers
   * whether it does.
   */
  boolean forEachFrom(long number, Predicate<Item> more) {
    Long start = runs.floorKey(number);
    for (List<Item> run : runs.tailMap(start == null ? number : start).values()) {
      for (Item item : run.subList(placeIn(run, number), run.size())) {
        if (!more.test(item)) {
          return false;
        }
      }
    }
    return true;
  }
}
