package dev.forkyard.server.rpc;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon is reached.
 *
 * @param socket the Unix socket of clients
 * @param workerSocket the Unix socket of workers
 * @param user the user id that may connect to the sockets, beside root
 * @param tcp the TCP address of clients; null for none
 */
public record Listeners(Path socket, Path workerSocket, int user, @Nullable Tcp tcp) {

  /**
   * A TCP address.
   *
   * @param host the host as it was given
   * @param address the same, resolved; port 0 is any free one
   * @param token what every call has to show
   * @param identity what TLS shows; null for a connection in clear
   */
  public record Tcp(
      String host, InetSocketAddress address, String token, @Nullable Identity identity) {
    /** The address for clients, with the port that was found. */
    public String url(int port) {
      String scheme = identity == null ? "tcp://" : "tls://";
      return scheme + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    @Override
    public String toString() {
      return "Tcp[" + address + "]"; // without the token
    }
  }

  /** A key and its certificate, with those that vouch for it behind it. */
  public record Identity(PrivateKey key, List<X509Certificate> chain) {}
}
