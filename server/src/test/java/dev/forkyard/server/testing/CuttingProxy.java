package dev.forkyard.server.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Unix socket in front of a daemon's, which carries bytes both ways until a test cuts it. What is
 * under way then is lost. Thread-safe.
 */
public final class CuttingProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 << 10;

  private final Path daemon;
  private final Path socket;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;

  private CuttingProxy(Path daemon, Path socket, ServerSocketChannel server) {
    this.daemon = daemon;
    this.socket = socket;
    this.server = server;
  }

  /** Starts one, in a directory that clients trust. */
  public static CuttingProxy before(Path daemon) throws IOException {
    Path socket = Files.createTempDirectory("fy-proxy-").resolve("s");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwx------"));
    CuttingProxy proxy = new CuttingProxy(daemon, socket, server);
    start(proxy::accept);
    return proxy;
  }

  /** Where clients connect. */
  public String address() {
    return "unix:" + socket;
  }

  /** Cuts all connections; new ones are taken. */
  public void cut() {
    open.forEach(this::cut);
  }

  /** Cuts all connections, and new ones at once. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /** Takes new connections again. */
  public void letIn() {
    refusing = false;
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
    Files.delete(socket);
    Files.delete(socket.getParent());
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        carry(server.accept());
      } catch (IOException closed) {
        // or the daemon is gone
      }
    }
  }

  private void carry(SocketChannel client) throws IOException {
    open.add(client);
    if (refusing) {
      cut(client);
      return;
    }
    try {
      SocketChannel there = SocketChannel.open(UnixDomainSocketAddress.of(daemon));
      open.add(there);
      start(() -> carry(client, there));
      start(() -> carry(there, client));
    } catch (IOException daemonIsGone) {
      cut(client);
      throw daemonIsGone;
    }
  }

  private void carry(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try {
      while (from.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
      }
    } catch (IOException cut) {
      // with what was read
    } finally {
      cut(from);
      cut(to);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void cut(SocketChannel channel) {
    open.remove(channel);
    try {
      channel.close();
    } catch (IOException e) {
      // it is gone
    }
  }
}
