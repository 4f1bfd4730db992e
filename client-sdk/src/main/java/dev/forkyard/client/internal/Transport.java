package dev.forkyard.client.internal;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A gRPC channel over a Unix socket, and the one thread that moves its bytes.
 *
 * <p>The JDK's own socket is used, so that no native library has to be loaded. Whatever the channel
 * calls back runs on its thread and must not wait.
 */
public final class Transport implements AutoCloseable {
  private static final int LARGEST_MESSAGE_BYTES = 16 << 20;
  private static final Logger GRPC_LOGGER = Logger.getLogger("io.grpc");

  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  /**
   * Prepares a channel; it connects when it is first used.
   *
   * @param socket where the daemon is
   */
  public Transport(SocketPath socket) {
    quiet();
    loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("forkyard-io", true), NioIoHandler.newFactory());
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket.path()))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(loop)
            .withOption(ChannelOption.SO_KEEPALIVE, null) // Netty warns of it on Unix sockets
            .overrideAuthority("localhost")
            .usePlaintext()
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
  public Executor thread() {
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
