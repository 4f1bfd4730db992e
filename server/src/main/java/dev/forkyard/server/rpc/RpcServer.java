package dev.forkyard.server.rpc;

import dev.forkyard.v1.WorkerServiceGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/**
 * Serves a yard: gRPC for clients on a Unix socket and, where asked for, on TCP; frames for workers
 * on a Unix socket. Handlers run on the event loops.
 */
public final class RpcServer {
  private static final Logger log = Logger.getLogger(RpcServer.class.getName());

  private final Listeners listeners;
  private final List<Server> servers;
  private final WorkerFrameServer frames;
  private final HealthStatusManager health;
  private final EventLoopGroup loops;
  private final OpenCalls open;

  private RpcServer(
      Listeners listeners,
      List<Server> servers,
      WorkerFrameServer frames,
      HealthStatusManager health,
      EventLoopGroup loops,
      OpenCalls open) {
    this.listeners = listeners;
    this.servers = servers;
    this.frames = frames;
    this.health = health;
    this.loops = loops;
    this.open = open;
  }

  /**
   * Starts to serve.
   *
   * @throws IOException when an address cannot be bound; nothing listens then
   */
  public static RpcServer start(Yard yard, Listeners listeners) throws IOException {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("forkyard-rpc", true), EpollIoHandler.newFactory());
    List<Server> servers = new ArrayList<>();
    try {
      WorkerFrameServer frames =
          WorkerFrameServer.listen(listeners, loops, yard.workers(), yard.scheduler());
      HealthStatusManager health = new HealthStatusManager();
      OpenCalls open = new OpenCalls();
      List<ServerServiceDefinition> services = services(yard, open, loops, health);
      ServerBuilders builders = new ServerBuilders(loops);
      servers.add(builders.unix(listeners).addServices(services).build().start());
      if (listeners.tcp() != null) {
        servers.add(builders.tcp(listeners.tcp()).addServices(services).build().start());
      }
      return new RpcServer(listeners, List.copyOf(servers), frames, health, loops, open);
    } catch (IOException | RuntimeException failed) {
      servers.forEach(Server::shutdownNow);
      loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
      throw failed;
    }
  }

  private static List<ServerServiceDefinition> services(
      Yard yard, OpenCalls open, EventLoopGroup loops, HealthStatusManager health) {
    StrictRequests strict =
        new StrictRequests(yard.limits().messageBytes(), WorkerServiceGrpc.SERVICE_NAME);
    List<BindableService> services = new ArrayList<>(services(yard, open, loops));
    services.add(health.getHealthService());
    services.add(ProtoReflectionServiceV1.newInstance());
    return services.stream().map(service -> strict.around(service.bindService())).toList();
  }

  /** Everywhere clients can connect, the Unix socket first. */
  public List<String> addresses() {
    List<String> addresses = new ArrayList<>(List.of("unix:" + listeners.socket()));
    if (listeners.tcp() != null) {
      addresses.add(listeners.tcp().url(servers.get(1).getPort()));
    }
    return addresses;
  }

  private static List<BindableService> services(Yard yard, OpenCalls open, EventLoopGroup loops) {
    UnaryCalls calls = new UnaryCalls(open);
    WatchStream.Context streams =
        new WatchStream.Context(open, yard.waiters(), yard.scheduler(), loops);
    IoCalls io = new IoCalls(open, yard.waiters(), yard.processes(), yard.io());
    HotOperations operations =
        new HotOperations(yard.queues(), yard.pipes(), yard.scheduler(), yard.waiters());
    return List.of(
        new ProcessEndpoint(calls, streams, io, yard),
        new PoolEndpoint(calls, streams, yard),
        new QueueEndpoint(calls, operations, yard),
        new PipeEndpoint(calls, operations, yard),
        new SessionEndpoint(
            new SessionStream.Context(
                open,
                yard.sessions(),
                new SessionOperations(operations),
                new ResumableStreams(yard.scheduler(), yard.limits().sessions()))),
        new WorkerEndpoint(open, calls, yard.workers(), yard.scheduler()),
        new SystemEndpoint(calls, yard));
  }

  /** Tells health checks that the daemon is ending, and takes no new connections. */
  public void drain() {
    health.enterTerminalState();
    servers.forEach(Server::shutdown);
  }

  /** Refuses what is not answered, and ends everything. Blocks for at most a few seconds. */
  public void close() {
    open.end();
    try {
      servers.forEach(Server::shutdown);
      if (!awaitEnd(Duration.ofSeconds(1))) {
        servers.forEach(Server::shutdownNow);
      }
      if (!awaitEnd(Duration.ofSeconds(2))) {
        log.warning("some calls did not end in time");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    frames.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }

  private boolean awaitEnd(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean ended = true;
    for (Server server : servers) {
      ended &= server.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
    return ended;
  }
}
