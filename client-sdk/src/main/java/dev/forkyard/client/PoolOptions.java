package dev.forkyard.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a pool is made. Immutable: each instance method with an argument answers a changed copy.
 *
 * @param workers number of workers; 0 for as many as the machine has usable processors
 * @param retryLost how often a call is run again after its worker died; with 0 no call is ever run
 *     twice
 * @param jvmFlags flags of the workers' virtual machines, such as {@code -Xmx256m}
 * @param env variables of the workers on top of the caller's environment
 * @param id name of the pool; empty for a pool that the daemon names and that ends with the session
 */
public record PoolOptions(
    int workers, int retryLost, List<String> jvmFlags, Map<String, String> env, String id) {

  /**
   * Makes sure that the numbers make sense.
   *
   * @param workers number of workers; 0 for as many as the machine has usable processors
   * @param retryLost how often a call is run again after its worker died; with 0 no call is ever
   *     run twice
   * @param jvmFlags flags of the workers' virtual machines, such as {@code -Xmx256m}
   * @param env variables of the workers on top of the caller's environment
   * @param id name of the pool; empty for a pool that the daemon names and that ends with the
   *     session
   */
  public PoolOptions {
    if (workers < 0) {
      throw new IllegalArgumentException("a pool cannot have " + workers + " workers");
    }
    if (retryLost < 0) {
      throw new IllegalArgumentException("a call cannot be retried " + retryLost + " times");
    }
    jvmFlags = List.copyOf(jvmFlags);
    env = Map.copyOf(env);
  }

  /** {@return a pool with as many workers as the machine has usable processors} */
  public static PoolOptions defaults() {
    return new PoolOptions(0, 0, List.of(), Map.of(), "");
  }

  /**
   * {@return a pool of so many workers}
   *
   * @param workers how many, 1 to 1000
   */
  public static PoolOptions workers(int workers) {
    if (workers < 1) {
      throw new IllegalArgumentException("a pool needs at least 1 worker");
    }
    return new PoolOptions(workers, 0, List.of(), Map.of(), "");
  }

  /**
   * Has calls run again whose worker died.
   *
   * @param times how often at most, 0 to 100
   * @return the changed copy
   */
  public PoolOptions retryLost(int times) {
    return new PoolOptions(workers, times, jvmFlags, env, id);
  }

  /**
   * Sets the flags of the workers' virtual machines.
   *
   * @param flags the flags
   * @return the changed copy
   */
  public PoolOptions jvmFlags(String... flags) {
    return new PoolOptions(workers, retryLost, List.of(flags), env, id);
  }

  /**
   * Sets a variable in the workers' environment.
   *
   * @param name its name
   * @param value its value
   * @return the changed copy
   */
  public PoolOptions env(String name, String value) {
    Map<String, String> more = new HashMap<>(env);
    more.put(name, value);
    return new PoolOptions(workers, retryLost, jvmFlags, more, id);
  }

  /**
   * Names the pool; it then lives until it is closed or terminated, or the daemon ends.
   *
   * @param id the name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @return the changed copy
   */
  public PoolOptions id(String id) {
    return new PoolOptions(workers, retryLost, jvmFlags, env, id);
  }
}
