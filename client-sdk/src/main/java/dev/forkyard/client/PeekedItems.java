package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.PeekItemsRequest;
import dev.forkyard.v1.PeekItemsResponse;
import dev.forkyard.v1.QueueItem;
import dev.forkyard.v1.SessionCall;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The items of a queue in order, without taking them: each page as it is when it is fetched. */
final class PeekedItems implements Iterator<QueueItem> {
  static final int LARGEST_PAGE = 1_000;

  private final Wire wire;
  private final PeekItemsRequest.Builder request;
  private Iterator<QueueItem> page = Collections.emptyIterator();
  private boolean more = true;

  private PeekedItems(Wire wire, PeekItemsRequest.Builder request) {
    this.wire = wire;
    this.request = request;
  }

  /** Those that are ready. */
  static PeekedItems ready(Wire wire, String queueId, int pageSize) {
    return new PeekedItems(
        wire,
        PeekItemsRequest.newBuilder()
            .setQueueId(queueId)
            .setMaxItems(Math.min(pageSize, LARGEST_PAGE))
            .setTimeout(Protos.duration(Duration.ZERO)));
  }

  /** The dead letters. */
  static PeekedItems dead(Wire wire, String queueId) {
    PeekedItems items = ready(wire, queueId, LARGEST_PAGE);
    items.request.setDeadLetters(true);
    return items;
  }

  @Override
  public boolean hasNext() {
    while (more && !page.hasNext()) {
      PeekItemsResponse answer =
          wire.call(SessionCall.newBuilder().setPeekItems(request)).getPeekItems();
      page = answer.getItemsList().iterator();
      request.setPageToken(answer.getNextPageToken());
      more = !answer.getNextPageToken().isEmpty();
    }
    return page.hasNext();
  }

  @Override
  public QueueItem next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.next();
  }

  Stream<QueueItem> stream() {
    Iterable<QueueItem> items = () -> this;
    return StreamSupport.stream(items.spliterator(), false);
  }
}
