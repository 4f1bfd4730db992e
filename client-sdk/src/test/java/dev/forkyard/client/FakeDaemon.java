package dev.forkyard.client;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/** Serves given services on a Unix socket. */
final class FakeDaemon {
  private final Path socket;
  private final EventLoopGroup loop;
  private final Server server;

  FakeDaemon(BindableService... services) throws IOException {
    socket = Files.createTempDirectory("forkyard-test-").resolve("forkyard.sock");
    loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .directExecutor();
    for (BindableService service : services) {
      builder.addService(service);
    }
    server = builder.build().start();
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwx------"));
  }

  String address() {
    return "unix:" + socket;
  }

  /** Dies without a word; returns when it is dead. */
  void die() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }

  void close() throws IOException, InterruptedException {
    server.shutdownNow().awaitTermination();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    Files.deleteIfExists(socket);
    Files.deleteIfExists(socket.getParent());
  }
}
