package dev.forkyard.client;

import dev.forkyard.client.internal.Credentials;
import java.nio.file.Path;

/**
 * Where a daemon is, and what it takes to be let in. Immutable: each method answers a changed copy.
 *
 * <pre>{@code
 * Forkyard.connect(
 *     ConnectOptions.to("tls://build.example.com:7000")
 *         .tokenFile(Path.of("/etc/forkyard/token"))
 *         .caFile(Path.of("/etc/forkyard/ca.pem")))
 * }</pre>
 *
 * <p>What is not said here comes from the variables FORKYARD_TOKEN or FORKYARD_TOKEN_FILE, and
 * FORKYARD_CA_FILE. A Unix socket needs none of it.
 *
 * <p>Over TCP, too, the daemon starts processes on its own host, with paths as the caller knows
 * them: class path, Java and working directory are named, not sent. So functions and pools want a
 * daemon on the same host, or the same files at the same places.
 */
public final class ConnectOptions {
  private final String address;
  private final Credentials credentials;

  private ConnectOptions(String address, Credentials credentials) {
    this.address = address;
    this.credentials = credentials;
  }

  /**
   * {@return options for a daemon}
   *
   * @param address where it is: {@code unix:/path/of/the/socket}; {@code tcp://127.0.0.1:7000} in
   *     clear, which is for this machine's loopback alone; or {@code tls://host:7000}
   */
  public static ConnectOptions to(String address) {
    return new ConnectOptions(address, Credentials.NONE);
  }

  /**
   * Sets the token that the daemon wants to see on TCP.
   *
   * @param token the token; white space around it does not count
   * @return the changed copy
   */
  public ConnectOptions token(String token) {
    return new ConnectOptions(address, new Credentials(token, null, credentials.caFile()));
  }

  /**
   * Sets the file with the token. It is read on connecting.
   *
   * @param file the file, such as the one that the daemon was given
   * @return the changed copy
   */
  public ConnectOptions tokenFile(Path file) {
    return new ConnectOptions(address, new Credentials(null, file, credentials.caFile()));
  }

  /**
   * Sets the certificates that are believed for {@code tls}, instead of those that Java believes.
   * The file is read on connecting.
   *
   * @param file certificates as PEM: the daemon's own, or of who vouches for it
   * @return the changed copy
   */
  public ConnectOptions caFile(Path file) {
    return new ConnectOptions(
        address, new Credentials(credentials.token(), credentials.tokenFile(), file));
  }

  String address() {
    return address;
  }

  Credentials credentials() {
    return credentials;
  }

  /** {@return the address and the files, never the token} */
  @Override
  public String toString() {
    return "ConnectOptions[" + address + ", " + credentials + "]";
  }
}
