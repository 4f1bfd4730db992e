package dev.forkyard.server.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/**
 * Serves a yard on Unix sockets: gRPC for clients, frames for workers. Handlers run on the event
 * loops.
 */
public final class RpcServer {
  private static final Logger log = Logger.getLogger(RpcServer.class.getName());

  /** Beyond this the transport refuses a message unread, without a reason of ours. */
  private static final int MOST_READ_BYTES = 16 << 20;

  private static final long PING_SECONDS = 10;
  private static final long PING_PATIENCE_SECONDS = 20;
  private static final long FASTEST_CLIENT_PING_SECONDS = 5;

  private final Server server;
  private final WorkerFrameServer frames;
  private final HealthStatusManager health;
  private final EventLoopGroup loops;
  private final OpenCalls open;

  private RpcServer(
      Server server,
      WorkerFrameServer frames,
      HealthStatusManager health,
      EventLoopGroup loops,
      OpenCalls open) {
    this.server = server;
    this.frames = frames;
    this.health = health;
    this.loops = loops;
    this.open = open;
  }

  /**
   * Starts to serve.
   *
   * @throws IOException when a socket cannot be bound
   */
  public static RpcServer start(Yard yard, Path socket, Path workerSocket) throws IOException {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("forkyard-rpc", true), EpollIoHandler.newFactory());
    try {
      WorkerFrameServer frames = WorkerFrameServer.listen(workerSocket, loops, yard.workers());
      HealthStatusManager health = new HealthStatusManager();
      OpenCalls open = new OpenCalls();
      Server server = build(yard, socket, loops, health, open).start();
      return new RpcServer(server, frames, health, loops, open);
    } catch (IOException | RuntimeException failed) {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw failed;
    }
  }

  private static Server build(
      Yard yard, Path socket, EventLoopGroup loops, HealthStatusManager health, OpenCalls open) {
    StrictRequests strict = new StrictRequests(yard.limits().messageBytes());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .directExecutor()
            .maxInboundMessageSize(MOST_READ_BYTES)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PING_PATIENCE_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveTime(FASTEST_CLIENT_PING_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    for (BindableService service : services(yard, open)) {
      builder.addService(strict.around(service.bindService()));
    }
    builder.addService(strict.around(health.getHealthService().bindService()));
    builder.addService(strict.around(ProtoReflectionServiceV1.newInstance().bindService()));
    return builder.build();
  }

  private static List<BindableService> services(Yard yard, OpenCalls open) {
    UnaryCalls calls = new UnaryCalls(open);
    HotOperations operations = new HotOperations(yard.queues(), yard.pipes());
    return List.of(
        new ProcessEndpoint(calls, yard.processes(), yard.functions(), yard.sessions()),
        new PoolEndpoint(calls, yard.pools(), yard.sessions(), yard.limits().poolWorkers()),
        new QueueEndpoint(calls, yard.queues(), operations, yard.sessions()),
        new PipeEndpoint(calls, yard.pipes(), operations, yard.sessions()),
        new SessionEndpoint(open, yard.sessions(), operations),
        new SystemEndpoint(calls, yard));
  }

  /** Tells health checks that the daemon is ending, and takes no new connections. */
  public void drain() {
    health.enterTerminalState();
    server.shutdown();
  }

  /** Refuses what is not answered, and ends everything. Blocks for at most a few seconds. */
  public void close() {
    open.end();
    try {
      server.shutdown();
      if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
      if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
        log.warning("some calls did not end in time");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    frames.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
