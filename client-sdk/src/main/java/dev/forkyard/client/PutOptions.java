package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.PutItemsRequest;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How items are put. Immutable: each method answers a changed copy, and refuses a value that makes
 * no sense with an {@link IllegalArgumentException}.
 *
 * <p>Where nothing else is said, the priority is 0, there are no attributes, a put waits for room
 * as long as it takes, and has no name.
 */
public final class PutOptions {
  private static final PutOptions DEFAULTS = new PutOptions(PutItemsRequest.getDefaultInstance());

  private final PutItemsRequest request;

  private PutOptions(PutItemsRequest request) {
    this.request = request;
  }

  /** {@return a put as {@link RemoteQueue#put(Object)} does it} */
  public static PutOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Gives the items a priority. Those of a higher one are taken first.
   *
   * @param priority 0 to the {@linkplain QueueOptions#maxPriority highest of the queue}, which
   *     refuses any other with INVALID_ARGUMENT
   * @return the changed copy
   */
  public PutOptions priority(int priority) {
    return with(changed -> changed.setPriority(priority));
  }

  /**
   * Says something of the items, for who {@linkplain Lease#attributes() leases} them.
   *
   * @param key what is said; at most 16 keys
   * @param value what it is; keys and values have at most 4 KiB in all, which count as bytes of
   *     each item
   * @return the changed copy
   */
  public PutOptions attribute(String key, String value) {
    return with(changed -> changed.putAttributes(key, value));
  }

  /**
   * Bounds how long a put waits for room. What is not put by then is refused with QUEUE_FULL.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the changed copy
   */
  public PutOptions timeout(Duration timeout) {
    return with(changed -> changed.setTimeout(Protos.duration(timeout)));
  }

  /**
   * Names the put, so that it can be repeated: when a put with the same name comes again within 10
   * minutes, nothing is put again. For who does not know whether the first was done, because the
   * connection is lost.
   *
   * @param id a name unlike that of any other put, such as a UUID; 1 to 128 bytes. Who repeats the
   *     put gives the same items and options; others are refused with REQUEST_ID_REUSED
   * @return the changed copy
   */
  public PutOptions requestId(String id) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("the name of a put cannot be empty");
    }
    return with(changed -> changed.setRequestId(id));
  }

  PutItemsRequest.Builder toRequest(String queueId) {
    return request.toBuilder().setQueueId(queueId);
  }

  private PutOptions with(Consumer<PutItemsRequest.Builder> change) {
    PutItemsRequest.Builder changed = request.toBuilder();
    change.accept(changed);
    return new PutOptions(changed.build());
  }
}
