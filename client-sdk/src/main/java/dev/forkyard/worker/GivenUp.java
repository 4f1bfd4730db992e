package dev.forkyard.worker;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The calls of one assignment that are not to begin. Written by one thread, read by any. */
final class GivenUp {
  private final int count;

  /** Never changed once it is here; null while there are none, as nearly always. */
  private volatile @Nullable BitSet calls;

  /**
   * Begins with none.
   *
   * @param count how many calls the assignment has
   */
  GivenUp(int count) {
    this.count = count;
  }

  void add(Order.Cancel cancel) {
    BitSet more = new BitSet(count);
    BitSet before = calls;
    if (before != null) {
      more.or(before);
    }
    if (cancel.index() == Order.Cancel.ALL) {
      more.set(0, count);
    } else {
      more.set(cancel.index());
    }
    calls = more;
  }

  boolean contains(int index) {
    BitSet given = calls;
    return given != null && given.get(index);
  }
}
