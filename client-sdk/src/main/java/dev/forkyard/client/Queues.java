package dev.forkyard.client;

import dev.forkyard.v1.CreateQueueResponse;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.ListQueuesRequest;
import dev.forkyard.v1.ListQueuesResponse;
import dev.forkyard.v1.QueueServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Creates queues, and finds those that were created. Thread-safe.
 *
 * <p>Every queue can be used in both ways: a {@link JoinableQueue} differs only in when an item
 * that was taken is done, and the other ends of the same queue may be {@link RemoteQueue}s. Methods
 * that take options throw a {@link ForkyardException} with reason INVALID_ARGUMENT for an id or a
 * limit that the daemon does not take, and TOO_MANY_QUEUES.
 */
public final class Queues {
  private static final int PAGE_SIZE = 1_000;

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
    return new RemoteQueue<>(wire, make("", wire.sessionId(), options), type);
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
    return new RemoteQueue<>(wire, make("", wire.sessionId(), options), type.type());
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
    return new RemoteQueue<>(wire, make(id, "", options), type);
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
    return new RemoteQueue<>(wire, make(id, "", options), type.type());
  }

  /**
   * Creates a queue with the daemon's default limits, whose items are done when their takers say
   * so. It ends with this session.
   *
   * @param type type of its items
   * @param <T> type of its items
   * @return the queue
   */
  public <T> JoinableQueue<T> createJoinable(Class<T> type) {
    return createJoinable(type, QueueOptions.defaults());
  }

  /**
   * Creates a queue whose items are done when their takers say so. It ends with this session.
   *
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   */
  public <T> JoinableQueue<T> createJoinable(Class<T> type, QueueOptions options) {
    return new JoinableQueue<>(wire, make("", wire.sessionId(), options), type);
  }

  /**
   * Creates a queue whose items are done when their takers say so. It ends with this session.
   *
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   */
  public <T> JoinableQueue<T> createJoinable(TypeRef<T> type, QueueOptions options) {
    return new JoinableQueue<>(wire, make("", wire.sessionId(), options), type.type());
  }

  /**
   * Opens the queue of a name, creating it if there is none; its items are done when their takers
   * say so. It lives until it is deleted or the daemon ends.
   *
   * @param id its name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_EXISTS if there is one with other limits
   */
  public <T> JoinableQueue<T> openJoinable(String id, Class<T> type, QueueOptions options) {
    return new JoinableQueue<>(wire, make(id, "", options), type);
  }

  /**
   * Opens the queue of a name, creating it if there is none; its items are done when their takers
   * say so. It lives until it is deleted or the daemon ends.
   *
   * @param id its name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @param type type of its items
   * @param options its limits
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_EXISTS if there is one with other limits
   */
  public <T> JoinableQueue<T> openJoinable(String id, TypeRef<T> type, QueueOptions options) {
    return new JoinableQueue<>(wire, make(id, "", options), type.type());
  }

  /**
   * Finds a queue. It is not kept: it ends when it would have ended otherwise.
   *
   * @param id its id
   * @param type type of its items
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_NOT_FOUND
   */
  public <T> RemoteQueue<T> get(String id, Class<T> type) {
    return new RemoteQueue<>(wire, find(id), type);
  }

  /**
   * Finds a queue. It is not kept: it ends when it would have ended otherwise.
   *
   * @param id its id
   * @param type type of its items
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_NOT_FOUND
   */
  public <T> RemoteQueue<T> get(String id, TypeRef<T> type) {
    return new RemoteQueue<>(wire, find(id), type.type());
  }

  /**
   * Finds a queue, whose items are done when their takers say so. It is not kept: it ends when it
   * would have ended otherwise.
   *
   * @param id its id
   * @param type type of its items
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_NOT_FOUND
   */
  public <T> JoinableQueue<T> getJoinable(String id, Class<T> type) {
    return new JoinableQueue<>(wire, find(id), type);
  }

  /**
   * Finds a queue, whose items are done when their takers say so. It is not kept: it ends when it
   * would have ended otherwise.
   *
   * @param id its id
   * @param type type of its items
   * @param <T> type of its items
   * @return the queue
   * @throws ForkyardException with reason QUEUE_NOT_FOUND
   */
  public <T> JoinableQueue<T> getJoinable(String id, TypeRef<T> type) {
    return new JoinableQueue<>(wire, find(id), type.type());
  }

  /** {@return the states of all queues, in order of their creation} */
  public List<QueueStats> list() {
    List<QueueStats> all = new ArrayList<>();
    String token = "";
    do {
      ListQueuesResponse page =
          wire.callRepeatable(
              QueueServiceGrpc.getListQueuesMethod(),
              ListQueuesRequest.newBuilder().setPageSize(PAGE_SIZE).setPageToken(token).build());
      page.getQueuesList().forEach(queue -> all.add(QueueStats.of(queue)));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  private String find(String id) {
    return wire.callRepeatable(
            QueueServiceGrpc.getGetQueueMethod(),
            GetQueueRequest.newBuilder().setQueueId(id).build())
        .getQueue()
        .getQueueId();
  }

  private String make(String id, String owner, QueueOptions options) {
    CompletableFuture<CreateQueueResponse> made =
        wire.startRepeatable(QueueServiceGrpc.getCreateQueueMethod(), options.toRequest(id, owner));
    return Wire.join(made).getQueue().getQueueId();
  }
}
