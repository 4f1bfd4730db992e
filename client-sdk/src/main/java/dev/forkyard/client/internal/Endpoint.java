package dev.forkyard.client.internal;

import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import org.jspecify.annotations.Nullable;

/** Where a daemon is. */
public interface Endpoint {
  /**
   * Reads an address.
   *
   * @param address {@code unix:/path}, {@code tcp://host:port} or {@code tls://host:port}
   * @param credentials what a connection over TCP needs
   * @return what it stands for
   * @throws StatusRuntimeException if it is no such address
   */
  static Endpoint parse(String address, Credentials credentials) {
    return TcpAddress.isOne(address)
        ? TcpAddress.parse(address, credentials)
        : SocketPath.parse(address);
  }

  /** {@return the address} */
  String address();

  /**
   * Makes sure that it is safe to connect, and prepares a channel.
   *
   * @return the channel, without what all channels have in common
   * @throws StatusRuntimeException if it is not safe, or nobody can be there
   */
  NettyChannelBuilder channel();

  /**
   * {@return the refusal that says why no daemon answers here}
   *
   * @param cause what the transport says, if it says anything
   */
  StatusRuntimeException unreachable(@Nullable Throwable cause);
}
