package dev.forkyard.client;

import dev.forkyard.v1.CreatePoolResponse;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.ListPoolsRequest;
import dev.forkyard.v1.ListPoolsResponse;
import dev.forkyard.v1.PoolServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Creates pools of worker processes, and finds those that were created. Thread-safe. */
public final class Pools {
  private static final int PAGE_SIZE = 1_000;

  private final Wire wire;

  Pools(Wire wire) {
    this.wire = wire;
  }

  /**
   * Creates a pool and has its workers started; does not wait for them. They run the caller's class
   * path with the caller's Java, and with its working directory and environment where nothing else
   * is said. If the connection breaks meanwhile the request is repeated once; the daemon knows it
   * again and creates one pool.
   *
   * @param options how to make it
   * @return the pool
   * @throws IllegalArgumentException if the initializer cannot run in another process
   * @throws ForkyardException with reason POOL_EXISTS if the id is taken, TOO_MANY_WORKERS,
   *     TOO_MANY_POOLS; INVALID_ARGUMENT if an id, a label or another option is malformed;
   *     CLASS_PATH_UNUSABLE if workers cannot run the classes of this program; NOT_CONVERTIBLE if
   *     an argument of the initializer cannot be encoded
   */
  public ProcessPool create(PoolOptions options) {
    CreatePoolResponse created =
        Wire.join(
            wire.startRepeatable(PoolServiceGrpc.getCreatePoolMethod(), options.toRequest(wire)));
    return new ProcessPool(wire, created.getPool());
  }

  /**
   * Finds a pool. What is done with the answer is done with the pool: closing it closes the pool
   * for everybody.
   *
   * @param id its id
   * @return the pool
   * @throws ForkyardException with reason POOL_NOT_FOUND
   */
  public ProcessPool get(String id) {
    return new ProcessPool(
        wire,
        wire.call(
                PoolServiceGrpc.getGetPoolMethod(),
                GetPoolRequest.newBuilder().setPoolId(id).build())
            .getPool());
  }

  /** {@return the states of all pools, in order of their creation} */
  public List<PoolStats> list() {
    return list(Map.of());
  }

  /**
   * {@return the states of the pools that have all these labels, in order of their creation}
   *
   * @param labels values by key
   */
  public List<PoolStats> list(Map<String, String> labels) {
    List<PoolStats> all = new ArrayList<>();
    String token = "";
    do {
      ListPoolsResponse page =
          wire.call(
              PoolServiceGrpc.getListPoolsMethod(),
              ListPoolsRequest.newBuilder()
                  .putAllLabels(labels)
                  .setPageSize(PAGE_SIZE)
                  .setPageToken(token)
                  .build());
      page.getPoolsList().forEach(pool -> all.add(PoolStats.of(pool)));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }
}
