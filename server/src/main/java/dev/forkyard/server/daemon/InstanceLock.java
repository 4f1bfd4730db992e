package dev.forkyard.server.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Keeps a second daemon from the same state directory and the same socket. Held until it is closed,
 * or the process dies.
 */
final class InstanceLock implements AutoCloseable {
  private final FileChannel file;

  private InstanceLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Locks the state directory.
   *
   * @throws StartFailure when another daemon has it
   */
  static InstanceLock take(Locations locations) throws StartFailure, IOException {
    FileChannel file =
        FileChannel.open(
            locations.lockFile(),
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS));
    FileLock lock = file.tryLock();
    if (lock == null) {
      String holder = read(file);
      file.close();
      throw new StartFailure(
          "another daemon (pid "
              + holder
              + ") uses the state directory "
              + locations.stateDirectory()
              + "; stop it first, or choose another with --state-dir");
    }
    String pid = Long.toString(ProcessHandle.current().pid());
    file.truncate(0);
    file.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
    return new InstanceLock(file);
  }

  private static String read(FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    int count = file.read(bytes, 0);
    return count <= 0 ? "unknown" : new String(bytes.array(), 0, count, StandardCharsets.US_ASCII);
  }

  /**
   * Removes a socket that nobody listens on.
   *
   * @throws StartFailure when somebody does, or it is no socket
   */
  static void clearSocket(Path socket) throws StartFailure, IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isRegularFile(socket, LinkOption.NOFOLLOW_LINKS)
        || Files.isDirectory(socket, LinkOption.NOFOLLOW_LINKS)
        || Files.isSymbolicLink(socket)) {
      throw new StartFailure(
          socket
              + " is there already and is not a socket; remove it, or choose another with --socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(socket));
      throw new StartFailure(
          "another daemon listens on "
              + socket
              + "; stop it first, or choose another with --socket");
    } catch (IOException nobodyListens) {
      Files.deleteIfExists(socket);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
