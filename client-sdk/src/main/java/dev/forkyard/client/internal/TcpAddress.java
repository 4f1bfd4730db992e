package dev.forkyard.client.internal;

import com.google.rpc.Code;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.MetadataUtils;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A daemon's TCP address.
 *
 * @param host name or address, without brackets
 * @param port the port
 * @param tls whether to speak TLS
 * @param credentials what to show, and whom to believe
 */
public record TcpAddress(String host, int port, boolean tls, Credentials credentials)
    implements Endpoint {
  private static final Pattern FORM =
      Pattern.compile("(tcp|tls)://(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9._-]+)):([0-9]{1,5})");
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");
  private static final int HIGHEST_PORT = 65_535;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  static boolean isOne(String address) {
    return address.startsWith("tcp:") || address.startsWith("tls:");
  }

  static TcpAddress parse(String address, Credentials credentials) {
    Matcher parts = FORM.matcher(address);
    int port = parts.matches() ? Integer.parseInt(parts.group(4)) : 0;
    if (port < 1 || port > HIGHEST_PORT) {
      throw Refusals.of(
          Code.INVALID_ARGUMENT,
          "ADDRESS_INVALID",
          "the address `"
              + address
              + "` is not of the form `tcp://127.0.0.1:7000` or"
              + " `tls://host:7000`",
          Map.of("address", address));
    }
    String host = parts.group(2) == null ? parts.group(3) : parts.group(2);
    return new TcpAddress(host, port, parts.group(1).equals("tls"), credentials);
  }

  @Override
  public String address() {
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return (tls ? "tls://" : "tcp://") + shown + ":" + port;
  }

  @Override
  public NettyChannelBuilder channel() {
    NettyChannelBuilder builder = tls ? overTls() : inClear();
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + credentials.readToken());
    return builder
        .channelType(NioSocketChannel.class)
        .intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private NettyChannelBuilder inClear() {
    InetAddress loopback = loopback();
    if (loopback == null) {
      throw Refusals.of(
          Code.FAILED_PRECONDITION,
          "TLS_REQUIRED",
          "the token would be sent in clear to "
              + host
              + ", which is not the loopback of this machine; use tls://"
              + " and start the daemon with --tls-cert and --tls-key",
          Map.of("address", address()));
    }
    return NettyChannelBuilder.forAddress(new InetSocketAddress(loopback, port)).usePlaintext();
  }

  /** The address behind the host if that is this machine's own; no name server is asked. */
  private @Nullable InetAddress loopback() {
    if (!host.equals("localhost") && !ADDRESS.matcher(host).matches()) {
      return null;
    }
    try {
      InetAddress found = InetAddress.getByName(host);
      return found.isLoopbackAddress() ? found : null;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private NettyChannelBuilder overTls() {
    List<X509Certificate> authorities = credentials.readAuthorities();
    // the JDK's own TLS: no native library has to be loaded
    SslContextBuilder builder =
        GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
    if (!authorities.isEmpty()) {
      builder.trustManager(authorities.toArray(X509Certificate[]::new));
    }
    try {
      SslContext context = builder.build();
      return NettyChannelBuilder.forAddress(host, port).sslContext(context);
    } catch (SSLException e) {
      throw tlsFailed(e);
    }
  }

  @Override
  public StatusRuntimeException unreachable(@Nullable Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof SSLException) {
        return tlsFailed(each);
      }
    }
    return Refusals.of(
        Code.UNAVAILABLE,
        "DAEMON_NOT_RUNNING",
        "no daemon answers at "
            + address()
            + (cause == null ? "" : " (" + innermost(cause) + ")")
            + "; start one with `forkyard daemon --listen`, and if there is one look whether it"
            + " speaks TLS (tls://) or not (tcp://)",
        Map.of("address", address()));
  }

  private StatusRuntimeException tlsFailed(Throwable cause) {
    String problem = innermost(cause);
    return Refusals.of(
        Code.FAILED_PRECONDITION,
        "TLS_FAILED",
        "the daemon at "
            + address()
            + " could not be recognised ("
            + problem
            + "); name the file with its certificate, or that of who vouches for it, in"
            + " FORKYARD_CA_FILE or ConnectOptions, and use the host that the certificate names",
        Map.of("address", address(), "problem", problem));
  }

  private static String innermost(Throwable error) {
    Throwable inner = error;
    while (inner.getCause() != null) {
      inner = inner.getCause();
    }
    return String.valueOf(inner.getMessage() == null ? inner : inner.getMessage());
  }
}
