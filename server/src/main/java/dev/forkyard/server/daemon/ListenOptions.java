package dev.forkyard.server.daemon;

import dev.forkyard.server.rpc.Listeners;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that make the daemon listen on TCP, and the rules that keep that safe. */
final class ListenOptions {
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?:\\[[0-9A-Fa-f:.]+]|[^:\\[\\]]+):(?<port>\\d{1,5})");
  private static final int HIGHEST_PORT = 65_535;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description =
          "Listen on TCP too, as 127.0.0.1:7000 or [::1]:7000; port 0 is any free one, which is printed. Needs --token-file, and on other addresses than those of this machine's loopback --tls-cert and --tls-key.")
  private @Nullable String listen;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with the token that every call over TCP has to show, readable by you alone. Whoever knows the token can run programs as you. To make one: (umask 077 && openssl rand -hex 32 > FILE)")
  private @Nullable Path tokenFile;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Speak TLS on TCP: certificate of the daemon for the host name or address that clients use, as PEM, followed by those that vouch for it.")
  private @Nullable Path tlsCert;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Private key of the certificate, as PEM (PKCS #8) without a password.")
  private @Nullable Path tlsKey;

  /**
   * Where to listen on TCP; null when nobody asked for it.
   *
   * @throws StartFailure when that would not be safe, or a file cannot be used
   */
  Listeners.@Nullable Tcp tcp() throws StartFailure {
    if (listen == null) {
      refuseWithoutListen("--token-file", tokenFile);
      refuseWithoutListen("--tls-cert", tlsCert);
      refuseWithoutListen("--tls-key", tlsKey);
      return null;
    }
    InetSocketAddress address = address(listen);
    if (tokenFile == null) {
      throw new StartFailure(
          "--listen "
              + listen
              + " needs a token, as whoever connects could run programs as you: "
              + TokenFile.HOW_TO_MAKE_ONE
              + ", then add --token-file FILE");
    }
    Listeners.Identity identity = identity();
    if (identity == null && !address.getAddress().isLoopbackAddress()) {
      throw new StartFailure(
          "--listen "
              + listen
              + " is an address that others can reach, and the token would be sent in clear: add"
              + " --tls-cert FILE and --tls-key FILE, or listen on 127.0.0.1");
    }
    return new Listeners.Tcp(host(listen), address, TokenFile.read(tokenFile), identity);
  }

  private static void refuseWithoutListen(String option, @Nullable Path value) throws StartFailure {
    if (value != null) {
      throw new StartFailure(
          option + " is for TCP, which is off: add --listen HOST:PORT, or leave it out");
    }
  }

  private Listeners.@Nullable Identity identity() throws StartFailure {
    if (tlsCert != null && tlsKey != null) {
      return TlsFiles.read(tlsCert, tlsKey);
    }
    if (tlsCert != null) {
      throw new StartFailure("--tls-cert needs the key of the certificate: add --tls-key FILE");
    }
    if (tlsKey != null) {
      throw new StartFailure("--tls-key needs the certificate of the key: add --tls-cert FILE");
    }
    return null;
  }

  private static InetSocketAddress address(String text) throws StartFailure {
    Matcher parts = HOST_AND_PORT.matcher(text);
    int port = parts.matches() ? Integer.parseInt(parts.group("port")) : -1;
    if (port < 0 || port > HIGHEST_PORT) {
      throw new StartFailure(
          "--listen "
              + text
              + " is no address and port: write it as 127.0.0.1:7000, [::1]:7000 or"
              + " localhost:7000");
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(host(text)), port);
    } catch (UnknownHostException unknown) {
      throw new StartFailure(
          "--listen " + text + " names no known host: name an address of this machine");
    }
  }

  private static String host(String text) {
    String host = text.substring(0, text.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
