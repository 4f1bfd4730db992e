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
        item -> {
          int bytes = item.sizeBytes + item.historyBytes();
          Place place = new Place(item.priority, item.number);
          return view.add(place, bytes, PeekedItem.of(item, null));
        });
    return view.peeked();
  }

  /** What nobody is given any more. */
  static Peeked of(DeadLetters dead, PeekRequest request) {
    View view = new View(request.most());
    dead.forEachAfter(
        request.after().number(),
        (place, letter) ->
            view.add(
                new Place(0, place),
                letter.sizeBytes(),
                PeekedItem.of(letter.item(), letter.death())));
    return view.peeked();
  }

  /** Answers whether there may be more. */
  private boolean add(Place place, int sizeBytes, PeekedItem seen) {
    bytes += sizeBytes;
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
