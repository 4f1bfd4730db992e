package dev.forkyard.server.rpc;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** How gRPC listens: the transports, and the bounds on what a connection may do. */
final class ServerBuilders {
  /**
   * Beyond this the transport refuses a message unread, without a reason of ours; so it is more
   * than a worker may send.
   */
  private static final int MOST_READ_BYTES = 40 << 20;

  /** Also what ends a connection that never speaks: pings are sent before the handshake is done. */
  private static final long PING_SECONDS = 10;

  private static final long PING_PATIENCE_SECONDS = 20;
  private static final long FASTEST_CLIENT_PING_SECONDS = 5;

  /** Who has no token cannot hold a connection by opening it and making no call. */
  private static final long TCP_IDLE_SECONDS = 20;

  /** More than may wait in the daemon, so that the call they wait for still gets through. */
  private static final int MOST_CALLS_OF_A_CONNECTION = 2 * YardLimits.DEFAULT.waitingCalls();

  private final EventLoopGroup loops;

  ServerBuilders(EventLoopGroup loops) {
    this.loops = loops;
  }

  NettyServerBuilder unix(Listeners listeners) {
    return bounded(
        NettyServerBuilder.forAddress(new DomainSocketAddress(listeners.socket().toFile()))
            .channelFactory(OwnUserOnly.sockets(listeners.user())));
  }

  /**
   * Listens on TCP, for calls that show the token.
   *
   * @throws IOException when the key or the certificate cannot be used
   */
  NettyServerBuilder tcp(Listeners.Tcp tcp) throws IOException {
    NettyServerBuilder builder =
        bounded(
            NettyServerBuilder.forAddress(tcp.address())
                .channelType(EpollServerSocketChannel.class)
                .maxConnectionIdle(TCP_IDLE_SECONDS, TimeUnit.SECONDS)
                .intercept(new TokenCheck(tcp.token())));
    Listeners.Identity identity = tcp.identity();
    return identity == null ? builder : builder.sslContext(context(identity));
  }

  private static SslContext context(Listeners.Identity identity) throws SSLException {
    return GrpcSslContexts.configure(
            SslContextBuilder.forServer(identity.key(), identity.chain()), SslProvider.JDK)
        .build();
  }

  private NettyServerBuilder bounded(NettyServerBuilder builder) {
    return builder
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .directExecutor()
        .maxConcurrentCallsPerConnection(MOST_CALLS_OF_A_CONNECTION)
        .maxInboundMessageSize(MOST_READ_BYTES)
        .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(PING_PATIENCE_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveTime(FASTEST_CLIENT_PING_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
  }
}
