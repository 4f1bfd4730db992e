package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.worker.Workers;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.nio.file.Path;

/** Listens for workers that speak in frames: a length of four bytes, then a message. */
final class WorkerFrameServer {
  static final int MOST_FRAME_BYTES = 64 << 20;
  private static final int LENGTH_BYTES = 4;

  private final Channel channel;

  private WorkerFrameServer(Channel channel) {
    this.channel = channel;
  }

  /**
   * Starts to listen.
   *
   * @throws IOException when the socket cannot be bound
   */
  static WorkerFrameServer listen(
      Listeners listeners, EventLoopGroup loops, Workers workers, Scheduler scheduler)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(OwnUserOnly.sockets(listeners.user()))
            .childOption(ChannelOption.AUTO_CLOSE, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel link) {
                    link.pipeline()
                        .addLast(
                            new LengthFieldBasedFrameDecoder(
                                MOST_FRAME_BYTES, 0, LENGTH_BYTES, 0, LENGTH_BYTES))
                        .addLast(new WorkerFrameHandler(link, workers, scheduler));
                  }
                });
    Path socket = listeners.workerSocket();
    var bound = bootstrap.bind(new DomainSocketAddress(socket.toFile())).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen for workers at " + socket, bound.cause());
    }
    return new WorkerFrameServer(bound.channel());
  }

  /** Stops listening. Blocks until it has. */
  void close() {
    channel.close().awaitUninterruptibly();
  }
}
