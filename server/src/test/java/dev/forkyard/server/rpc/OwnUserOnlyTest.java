package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.os.Platform;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A socket that is another user's, seen from ours. */
class OwnUserOnlyTest {
  private final Path socket;

  OwnUserOnlyTest(@TempDir Path directory) {
    socket = directory.resolve("s");
  }

  /**
   * Listens for a user, says whom it lets in, and closes the connection. A program of its own, as
   * the SDK switches native sockets off in its virtual machine.
   */
  static final class Listener {
    private Listener() {}

    public static void main(String[] args) throws InterruptedException {
      new ServerBootstrap()
          .group(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
          .channelFactory(OwnUserOnly.sockets(Integer.parseInt(args[1])))
          .childHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel connection) {
                  System.out.println("let in");
                  connection.close();
                }
              })
          .bind(new DomainSocketAddress(new File(args[0])))
          .sync();
      System.out.println("ready");
    }
  }

  /** Connects twice to a socket of a user; answers how often that was let in. */
  private long letIn(int user) throws IOException {
    Process listener =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                Listener.class.getName(),
                socket.toString(),
                Integer.toString(user))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      BufferedReader said = listener.inputReader(StandardCharsets.UTF_8);
      assertThat(said.readLine()).isEqualTo("ready");
      connect();
      connect();
      listener.toHandle().destroy(); // and what it said can still be read
      return said.lines().filter("let in"::equals).count();
    } finally {
      listener.destroyForcibly();
    }
  }

  /** Connects and waits until the connection is closed. */
  private void connect() throws IOException {
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(socket));
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void ownUserIsLetIn() throws IOException {
    assertThat(letIn(Platform.effectiveUid())).isEqualTo(2);
  }

  @Test
  void anotherUserIsLetInOnlyIfItIsRoot() throws IOException {
    boolean root = Platform.effectiveUid() == 0;
    assertThat(letIn(Platform.effectiveUid() + 1)).isEqualTo(root ? 2 : 0);
  }
}
