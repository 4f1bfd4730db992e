package dev.forkyard.client.internal;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A gRPC channel, and the one thread that moves its bytes.
 *
 * <p>The JDK's own sockets and TLS are used, so that no native library has to be loaded. Whatever
 * the channel calls back runs on its thread and must not wait.
 */
public final class Transport implements AutoCloseable {
  private static final int LARGEST_MESSAGE_BYTES = 16 << 20;
  private static final Logger GRPC_LOGGER = Logger.getLogger("io.grpc");

  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  /**
   * Prepares a channel; it connects when it is first used.
   *
   * @param endpoint where the daemon is
   * @throws io.grpc.StatusRuntimeException if it is not safe to connect, or nobody can be there
   */
  public Transport(Endpoint endpoint) {
    quiet();
    NettyChannelBuilder builder = endpoint.channel();
    loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("forkyard-io", true), NioIoHandler.newFactory());
    channel =
        builder
            .eventLoopGroup(loop)
            .directExecutor()
            .disableRetry()
            .maxInboundMessageSize(LARGEST_MESSAGE_BYTES)
            .keepAliveTime(10, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .build();
  }

  /** {@return the channel} */
  public ManagedChannel channel() {
    return channel;
  }

  /** {@return the thread of the channel} */
  public ScheduledExecutorService thread() {
    return loop;
  }

  /** Breaks off what still runs, and ends the thread. */
  @Override
  public void close() {
    channel.shutdownNow();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static void quiet() {
    InternalLoggerFactory.setDefaultFactory(
        JdkLoggerFactory.INSTANCE); // SLF4J may have no provider
    String noNative = "io.grpc.netty.shaded.io.netty.transport.noNative";
    if (System.getProperty(noNative) == null) {
      System.setProperty(noNative, "true"); // else grpc-netty tries epoll, and JDK 24+ warns
    }
    if (GRPC_LOGGER.getLevel() == null) {
      GRPC_LOGGER.setLevel(Level.SEVERE);
    }
  }
}
