package dev.forkyard.server.daemon;

import dev.forkyard.server.os.Platform;
import java.io.IOException;
import java.net.ConnectException;
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
import java.nio.file.attribute.PosixFilePermissions;
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
   * @throws StartFailure when another daemon has it, or the lock is not a file of this user
   */
  static InstanceLock take(Locations locations) throws StartFailure, IOException {
    FileChannel file = open(locations.lockFile());
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

  private static FileChannel open(Path path) throws StartFailure, IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      // before it is opened: a pipe in its place would never open
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        throw unsafe(path, "is not a file but a link or something else");
      }
      int owner = Platform.ownership(path).uid();
      if (owner != Platform.effectiveUid()) {
        throw unsafe(path, "belongs to user " + owner);
      }
    }
    return FileChannel.open(
        path,
        Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static StartFailure unsafe(Path lock, String problem) {
    return new StartFailure(
        "the lock "
            + lock
            + " "
            + problem
            + ", so it is not safe to use; remove it, or choose another directory with"
            + " --state-dir");
  }

  private static String read(FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    int count = file.read(bytes, 0);
    return count <= 0 ? "unknown" : new String(bytes.array(), 0, count, StandardCharsets.US_ASCII);
  }

  /**
   * Removes a socket that nobody listens on.
   *
   * @throws StartFailure when somebody does, it is no socket, or not one of this user
   */
  static void clearSocket(Path socket) throws StartFailure, IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Platform.Ownership ownership = Platform.ownership(socket);
    if (!ownership.socket()) {
      throw inTheWay(socket, "is there already and is not a socket; remove it");
    }
    if (ownership.uid() != Platform.effectiveUid()) {
      throw inTheWay(socket, "belongs to user " + ownership.uid() + "; remove it");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(socket));
    } catch (ConnectException nobodyListens) {
      Files.deleteIfExists(socket);
      return;
    }
    throw inTheWay(socket, "is the socket of another daemon, which listens; stop it first");
  }

  private static StartFailure inTheWay(Path socket, String problem) {
    return new StartFailure(socket + " " + problem + ", or choose another with --socket");
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
