package dev.forkyard.client.internal;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The path of a daemon's Unix socket.
 *
 * @param path where the socket is
 */
public record SocketPath(Path path) implements Endpoint {
  /** Name of the variable that holds the address of the daemon. */
  public static final String ADDRESS_VARIABLE = "FORKYARD_ADDRESS";

  private static final String SCHEME = "unix:";
  private static final int LONGEST_PATH_BYTES = 107;
  private static final int TYPE_MASK = 0170000;
  private static final int DIRECTORY_TYPE = 0040000;
  private static final int SOCKET_TYPE = 0140000;
  private static final int WRITABLE_BY_OTHERS = 0022;

  /**
   * Reads an address.
   *
   * @param address {@code unix:} and a path
   * @return the path
   * @throws StatusRuntimeException if it is no such address, or its path is too long for a socket
   */
  public static SocketPath parse(String address) {
    if (!address.startsWith(SCHEME) || address.length() == SCHEME.length()) {
      throw Refusals.of(
          Code.INVALID_ARGUMENT,
          "ADDRESS_INVALID",
          "the address `"
              + address
              + "` is not of the form `unix:/path/of/the/socket`,"
              + " `tcp://127.0.0.1:7000` or `tls://host:7000`",
          Map.of("address", address));
    }
    SocketPath socket =
        new SocketPath(Path.of(address.substring(SCHEME.length())).toAbsolutePath());
    socket.checkLength();
    return socket;
  }

  /**
   * {@return the address of a user's daemon}
   *
   * @param env the environment that names it, or the directory of its socket
   */
  public static String defaultAddress(Map<String, String> env) {
    String given = env.get(ADDRESS_VARIABLE);
    if (given != null && !given.isEmpty()) {
      return given;
    }
    String runtimeDir = env.get("XDG_RUNTIME_DIR");
    String dir =
        runtimeDir == null || runtimeDir.isEmpty()
            ? "/tmp/forkyard-" + ownUid()
            : runtimeDir + "/forkyard";
    return SCHEME + dir + "/forkyard.sock";
  }

  @Override
  public String address() {
    return SCHEME + path;
  }

  @Override
  public NettyChannelBuilder channel() {
    check();
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(path))
        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
        .withOption(ChannelOption.SO_KEEPALIVE, null) // Netty warns of it on Unix sockets
        .overrideAuthority("localhost")
        .usePlaintext();
  }

  /** Makes sure that the daemon behind the socket is the caller's own. */
  private void check() {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw notRunning();
    }
    int uid = ownUid();
    Path dir = path.getParent();
    try {
      checkTrusted(dir == null ? path : dir, DIRECTORY_TYPE, uid);
      checkTrusted(path, SOCKET_TYPE, uid);
    } catch (NoSuchFileException e) {
      throw notRunning();
    } catch (IOException e) {
      throw notTrusted(path, "cannot be examined: " + e.getMessage());
    }
  }

  @Override
  public StatusRuntimeException unreachable(@Nullable Throwable cause) {
    return notRunning();
  }

  private StatusRuntimeException notRunning() {
    return Refusals.of(
        Code.UNAVAILABLE,
        "DAEMON_NOT_RUNNING",
        "no daemon is running at "
            + address()
            + "; start one with `forkyard daemon` or use Forkyard.startLocal()",
        Map.of("address", address()));
  }

  private void checkLength() {
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST_PATH_BYTES) {
      throw Refusals.of(
          Code.INVALID_ARGUMENT,
          "SOCKET_PATH_TOO_LONG",
          "the socket path "
              + path
              + " has "
              + bytes
              + " bytes, but a Unix socket cannot have more than "
              + LONGEST_PATH_BYTES
              + "; choose a shorter one",
          Map.of(
              "path", path.toString(),
              "bytes", Integer.toString(bytes),
              "limit", Integer.toString(LONGEST_PATH_BYTES)));
    }
  }

  private static void checkTrusted(Path file, int type, int uid) throws IOException {
    Map<String, Object> facts =
        Files.readAttributes(file, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
    int mode = (Integer) requireNonNull(facts.get("mode"));
    int owner = (Integer) requireNonNull(facts.get("uid"));
    if ((mode & TYPE_MASK) != type) {
      throw notTrusted(
          file,
          Files.isSymbolicLink(file)
              ? "is a symbolic link"
              : type == SOCKET_TYPE ? "is not a socket" : "is not a directory");
    }
    if (owner != uid) {
      throw notTrusted(file, "belongs to user " + owner + ", not to you");
    }
    if ((mode & WRITABLE_BY_OTHERS) != 0) {
      throw notTrusted(file, "can be written by others");
    }
  }

  private static StatusRuntimeException notTrusted(Path file, String what) {
    return Refusals.of(
        Code.PERMISSION_DENIED,
        "SOCKET_NOT_TRUSTED",
        file
            + " "
            + what
            + "; whoever made it could run programs in your name, so it is not used. Start your own"
            + " daemon in a directory that only you can write",
        Map.of("path", file.toString(), "problem", what));
  }

  private static int ownUid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find out the user id from /proc/self", e);
    }
  }
}
