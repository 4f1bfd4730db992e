package dev.forkyard.server.rpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import java.io.IOException;
import java.util.logging.Logger;

/**
 * Closes connections of other users to a Unix socket, whatever the modes of its file and folder
 * have become. The kernel says whose they are.
 */
final class OwnUserOnly extends ChannelInboundHandlerAdapter {
  private static final Logger log = Logger.getLogger(OwnUserOnly.class.getName());
  private static final int ROOT = 0;

  private final int user;
  private boolean told;

  private OwnUserOnly(int user) {
    this.user = user;
  }

  /** Makes sockets that listen for a user and for root. */
  static ChannelFactory<ServerChannel> sockets(int user) {
    return () -> {
      ServerChannel socket = new EpollServerDomainSocketChannel();
      socket.pipeline().addLast(new OwnUserOnly(user));
      return socket;
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    if (isTrusted((EpollDomainSocketChannel) connection)) {
      context.fireChannelRead(connection);
    } else {
      connection.unsafe().closeForcibly();
    }
  }

  private boolean isTrusted(EpollDomainSocketChannel connection) {
    int peer;
    try {
      peer = connection.peerCredentials().uid();
    } catch (IOException gone) {
      return false;
    }
    if (peer == user || peer == ROOT) {
      return true;
    }
    if (!told) {
      told = true; // once: a stranger must not be able to fill the log
      log.warning(
          "user "
              + peer
              + " tried to connect and was refused; check the mode of the socket's directory");
    }
    return false;
  }
}
