package dev.forkyard.server.queue;

import java.util.ArrayList;
import java.util.List;

/** Gathers the answer to a peek. Not thread-safe. */
final class View {
  /** An answer holds at most this much, or one item. */
  private static final int ANSWER_BYTES = 1 << 20;

  private final int most;
  private final List<PeekedItem> items = new ArrayList<>();
  private long bytes;
  private Place last = Place.FRONT;
  private boolean isCut;

  private View(int most) {
    this.most = most;
  }

  /** What can be taken. */
  static Peeked of(ReadyItems ready, PeekRequest request) {
    View view = new View(request.most());
    ready.forEachAfter(
        request.after(),
        item -> view.add(new Place(item.priority, item.number), item, PeekedItem.of(item, null)));
    return view.peeked();
  }

  /** What nobody is given any more. */
  static Peeked of(DeadLetters dead, PeekRequest request) {
    View view = new View(request.most());
    dead.forEachAfter(
        request.after().number(),
        (place, item, death) -> view.add(new Place(0, place), item, PeekedItem.of(item, death)));
    return view.peeked();
  }

  /** Answers whether there may be more. */
  private boolean add(Place place, Item item, PeekedItem seen) {
    bytes += item.sizeBytes;
    isCut = items.size() == most || (bytes > ANSWER_BYTES && !items.isEmpty());
    if (!isCut) {
      items.add(seen);
      last = place;
    }
    return !isCut;
  }

  private Peeked peeked() {
    return new Peeked(List.copyOf(items), false, false, isCut ? last.token() : "");
  }
}
