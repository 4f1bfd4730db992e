package dev.forkyard.client;

import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.QueueServiceGrpc;
import java.lang.reflect.Type;

/** Creates and opens queues. Thread-safe. */
public final class Queues {
  private final Wire wire;

  Queues(Wire wire) {
    this.wire = wire;
  }

  /**
   * Creates a queue with the daemon's default limits, which ends with this session, or later with
   * the last process that was given it.
   *
   * @param type type of its items
   * @param <T> type of its items
   * @return the queue
   */
  public <T> RemoteQueue<T> create(Class<T> type) {
    return create(type, QueueOptions.defaults());
  }

  /**
   * Creates a queue that ends with this session, or later with the last process that was given it.
   *
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   */
  public <T> RemoteQueue<T> create(Class<T> type, QueueOptions options) {
    return open("", wire.sessionId(), type, options);
  }

  /**
   * Creates a queue that ends with this session, or later with the last process that was given it.
   *
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   */
  public <T> RemoteQueue<T> create(TypeRef<T> type, QueueOptions options) {
    return open("", wire.sessionId(), type.type(), options);
  }

  /**
   * Opens the queue of a name, creating it if there is none. It lives until it is deleted or the
   * daemon ends.
   *
   * @param id its name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_EXISTS if there is one with other limits
   */
  public <T> RemoteQueue<T> open(String id, Class<T> type, QueueOptions options) {
    return open(id, "", type, options);
  }

  /**
   * Opens the queue of a name, creating it if there is none. It lives until it is deleted or the
   * daemon ends.
   *
   * @param id its name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_EXISTS if there is one with other limits
   */
  public <T> RemoteQueue<T> open(String id, TypeRef<T> type, QueueOptions options) {
    return open(id, "", type.type(), options);
  }

  private <T> RemoteQueue<T> open(String id, String owner, Type type, QueueOptions options) {
    CreateQueueRequest request =
        CreateQueueRequest.newBuilder()
            .setQueueId(id)
            .setOwnerSessionId(owner)
            .setCapacity(options.capacity())
            .setCapacityBytes(options.capacityBytes())
            .build();
    String queueId =
        wire.call(QueueServiceGrpc.getCreateQueueMethod(), request).getQueue().getQueueId();
    return new RemoteQueue<>(wire, queueId, type);
  }
}
