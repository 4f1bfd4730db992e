package dev.forkyard.client;

import dev.forkyard.client.internal.Endpoint;
import dev.forkyard.client.internal.LocalDaemon;
import dev.forkyard.client.internal.SocketPath;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a daemon, with a session of its own. The start of everything:
 *
 * <pre>{@code
 * try (Forkyard yard = Forkyard.connect()) {
 *   System.out.println(yard.processes().start(Tasks::greet, "kel").result());
 * }
 * }</pre>
 *
 * <p>What has no name (queues, pipes, pools) and what was started with {@code daemon(true)} ends
 * with the session, when this is closed or its process dies; a queue or pipe that others were given
 * ends with the last of them. Inside a process that the daemon has started, the session is that
 * process's own, and ends with the process.
 *
 * <p>Thread-safe. Methods that wait can be interrupted; futures complete on threads of the SDK.
 */
public final class Forkyard implements AutoCloseable {
  private final Wire wire;
  private final @Nullable LocalDaemon ownDaemon;

  private Forkyard(Wire wire, @Nullable LocalDaemon ownDaemon) {
    this.wire = wire;
    this.ownDaemon = ownDaemon;
  }

  /**
   * Connects to the daemon of the user: the one in the variable FORKYARD_ADDRESS, else at {@code
   * $XDG_RUNTIME_DIR/forkyard/forkyard.sock}, else at {@code /tmp/forkyard-<uid>/forkyard.sock}.
   *
   * @return the connection
   * @throws ForkyardException as {@link #connect(ConnectOptions)}
   */
  public static Forkyard connect() {
    return connect(defaultAddress());
  }

  /**
   * Connects to a daemon.
   *
   * @param address where it is, as {@link ConnectOptions#to}
   * @return the connection
   * @throws ForkyardException as {@link #connect(ConnectOptions)}
   */
  public static Forkyard connect(String address) {
    return connect(ConnectOptions.to(address));
  }

  /**
   * Connects to a daemon.
   *
   * @param options where it is, and what it takes to be let in
   * @return the connection
   * @throws ForkyardException with reason DAEMON_NOT_RUNNING if nobody listens there;
   *     DAEMON_NOT_ANSWERING if who listens says nothing for 20 seconds; SOCKET_NOT_TRUSTED if
   *     somebody else could have put the socket there; ADDRESS_INVALID; SOCKET_PATH_TOO_LONG; on
   *     TCP TOKEN_MISSING, TOKEN_UNUSABLE or TOKEN_WRONG, TLS_REQUIRED for {@code tcp} to another
   *     machine, TLS_FAILED if the daemon's certificate is not believed, CA_UNUSABLE; INTERRUPTED
   *     if the thread is interrupted, which it stays; CONNECT_IN_STATIC_INITIALIZER in a worker
   *     while a class is initialised, because every worker that loads the class would do it again
   */
  public static Forkyard connect(ConnectOptions options) {
    refuseStaticInitializerOfWorker();
    return new Forkyard(openWire(options), null);
  }

  /**
   * Starts a private daemon and connects to it. It ends when this is closed, or when this process
   * ends, in whatever way.
   *
   * <p>The daemon is found on the class path, else in {@code $FORKYARD_HOME/lib}.
   *
   * @return the connection
   * @throws ForkyardException with reason DAEMON_NOT_FOUND; DAEMON_NOT_STARTED if it ends, is not
   *     ready within 30 seconds, or the thread is interrupted meanwhile; SOCKET_PATH_TOO_LONG if
   *     the folder for temporary files is too deep; then DAEMON_NOT_ANSWERING or INTERRUPTED as
   *     {@link #connect(String)}. The daemon ends then, and an interrupted thread stays
   *     interrupted; CONNECT_IN_STATIC_INITIALIZER as {@link #connect(ConnectOptions)}
   */
  public static Forkyard startLocal() {
    refuseStaticInitializerOfWorker();
    LocalDaemon daemon;
    try {
      daemon = LocalDaemon.start(System.getenv());
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
    try {
      return new Forkyard(Wire.open(daemon.socket(), ""), daemon);
    } catch (RuntimeException e) {
      daemon.close();
      throw Errors.translate(e);
    }
  }

  /** {@return where processes are started and found} */
  public Processes processes() {
    return new Processes(wire);
  }

  /** {@return where pools of workers are created} */
  public Pools pools() {
    return new Pools(wire);
  }

  /** {@return where queues are created and opened} */
  public Queues queues() {
    return new Queues(wire);
  }

  /** {@return where pipes are created} */
  public Pipes pipes() {
    return new Pipes(wire);
  }

  /**
   * Waits until one of several things is ready: an end of a pipe, a queue, a process, a future.
   *
   * <p>It waits in the daemon, and only the caller's thread with it. Nothing is taken by waiting,
   * and nothing of the wait is left when this returns or throws.
   *
   * <pre>{@code
   * for (Waitable ready : Forkyard.waitAny(Duration.ofSeconds(3), end, jobs, process)) {
   *   if (ready == end) {
   *     System.out.println(end.receive());
   *   }
   * }
   * }</pre>
   *
   * <h4>Comparison with multiprocessing</h4>
   *
   * It is {@code multiprocessing.connection.wait}, which takes connections and sentinels of
   * processes, and no queues.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @param things what to wait for, at least one
   * @param <W> their type
   * @return all that are ready, in the order given; empty if none is in time
   * @throws ForkyardException if none is ready, and one of them cannot be waited for: with reason
   *     PIPE_END_CLOSED, PIPE_WRITE_ONLY, one of those that say that it does not exist,
   *     CLIENT_CLOSED, or CONNECTION_LOST, which a process tells of every break
   * @throws InterruptedException if interrupted
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // they are only read
  public static <W extends Waitable> List<W> waitAny(Duration timeout, W... things)
      throws InterruptedException {
    return AnyWait.await(timeout, List.of(things));
  }

  /**
   * Waits until one of several things is ready, no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @param things what to wait for, at least one
   * @param <W> their type
   * @return all that are ready, in the order given; empty if none is in time
   * @throws ForkyardException as {@link #waitAny(Duration, Waitable[])}
   * @throws InterruptedException if interrupted
   */
  public static <W extends Waitable> List<W> waitAny(
      Duration timeout, Collection<? extends W> things) throws InterruptedException {
    return AnyWait.await(timeout, List.copyOf(things));
  }

  /**
   * Waits until one of several things is ready, as long as it takes.
   *
   * @param things what to wait for, at least one
   * @param <W> their type
   * @return all that are ready, in the order given; at least one
   * @throws ForkyardException as {@link #waitAny(Duration, Waitable[])}
   * @throws InterruptedException if interrupted
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // they are only read
  public static <W extends Waitable> List<W> waitAny(W... things) throws InterruptedException {
    return AnyWait.await(null, List.of(things));
  }

  /**
   * Waits until one of several things is ready, as long as it takes.
   *
   * @param things what to wait for, at least one
   * @param <W> their type
   * @return all that are ready, in the order given; at least one
   * @throws ForkyardException as {@link #waitAny(Duration, Waitable[])}
   * @throws InterruptedException if interrupted
   */
  public static <W extends Waitable> List<W> waitAny(Collection<? extends W> things)
      throws InterruptedException {
    return AnyWait.await(null, List.copyOf(things));
  }

  /**
   * Asks the daemon what it is and what lives in it.
   *
   * @return what the daemon answered
   */
  public SystemInfo systemInfo() {
    return SystemInfo.of(
        wire.call(
            SystemServiceGrpc.getGetSystemInfoMethod(), GetSystemInfoRequest.getDefaultInstance()));
  }

  /**
   * {@return how many processors the daemon and its children may use} It is the number of workers
   * of a pool that does not say. Limits of the daemon's container and its affinity count.
   */
  public int usableProcessors() {
    return systemInfo().processors();
  }

  /** {@return the address of the daemon} */
  public String address() {
    return wire.address();
  }

  /** {@return the id of the session} */
  public String sessionId() {
    return wire.sessionId();
  }

  /**
   * Ends the session and what it owns, and the daemon if it is a private one; returns when that is
   * done. Calls that wait are refused with CLIENT_CLOSED. Closing again does nothing. Inside a
   * process that the daemon has started the session goes on, with what is still leased, until the
   * process ends.
   */
  @Override
  public void close() {
    wire.close();
    if (ownDaemon != null) {
      ownDaemon.close();
    }
  }

  @Override
  public String toString() {
    return "Forkyard[" + wire.address() + ", session " + wire.sessionId() + "]";
  }

  private static void refuseStaticInitializerOfWorker() {
    if (System.getenv("FORKYARD_WORKER_TOKEN") != null
        && StackWalker.getInstance()
            .walk(frames -> frames.anyMatch(f -> f.getMethodName().equals("<clinit>")))) {
      throw Errors.of(
          ForkyardException.Code.FAILED_PRECONDITION,
          "CONNECT_IN_STATIC_INITIALIZER",
          "a worker connects to no daemon while it initialises a class, because every worker that"
              + " loads the class would do so, and start what the class starts, without end;"
              + " connect in a method that the function calls, or only in main()");
    }
  }

  static String defaultAddress() {
    return SocketPath.defaultAddress(System.getenv());
  }

  static Wire openWire(String address) {
    return openWire(ConnectOptions.to(address));
  }

  /** Connects; inside a process of that daemon, in the session of the process. */
  static Wire openWire(ConnectOptions options) {
    Map<String, String> env = System.getenv();
    try {
      Endpoint endpoint = Endpoint.parse(options.address(), options.credentials().orFrom(env));
      return Wire.open(endpoint, ownSession(endpoint, env));
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  private static String ownSession(Endpoint endpoint, Map<String, String> env) {
    String session = env.get("FORKYARD_SESSION");
    boolean isChild = endpoint.address().equals(env.get(SocketPath.ADDRESS_VARIABLE));
    return isChild && session != null ? session : "";
  }
}
