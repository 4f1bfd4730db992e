package dev.forkyard.server.testing;

import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.WorkerFrame;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * A worker's side of the socket for frames. As a program it is a worker that says something wrong
 * first, and exits with 5 when it is disconnected.
 */
public final class WorkerFrames implements AutoCloseable {
  private final SocketChannel channel;
  private final DataInputStream in;

  public WorkerFrames(String socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    in = new DataInputStream(Channels.newInputStream(channel));
  }

  /** {@code token}, {@code version} or {@code result}: what is wrong. */
  public static void main(String... wrong) throws IOException {
    String token = Objects.requireNonNull(System.getenv("FORKYARD_WORKER_TOKEN"));
    String socket = Objects.requireNonNull(System.getenv("FORKYARD_WORKER_SOCKET"));
    try (WorkerFrames frames = new WorkerFrames(socket)) {
      switch (wrong[0]) {
        case "token" -> frames.hello("no-token", 1);
        case "version" -> frames.hello(token, 2);
        default -> frames.results(1, 0, 1, "[1]");
      }
      frames.awaitEnd();
    }
    System.exit(5);
  }

  public void hello(String token, int version) throws IOException {
    Hello hello = Hello.newBuilder().setToken(token).setProtocolVersion(version).build();
    send(WorkerFrame.newBuilder().setHello(hello).build());
  }

  public void results(int number, int first, int count, String json) throws IOException {
    ChunkResults results =
        ChunkResults.newBuilder()
            .setNumber(number)
            .setFirst(first)
            .setCount(count)
            .setResults(PoolClient.json(json))
            .build();
    send(WorkerFrame.newBuilder().setResults(results).build());
  }

  private void send(WorkerFrame frame) throws IOException {
    send(frame.getSerializedSize(), frame.toByteArray());
  }

  /** Sends bytes under a length that may be another. */
  public void send(int length, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES + bytes.length);
    buffer.putInt(length).put(bytes).flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** The next frame of the daemon, waited for. */
  public DaemonFrame receive() throws IOException {
    return DaemonFrame.parseFrom(in.readNBytes(in.readInt()));
  }

  /** Waits until the daemon has ended the connection. */
  public void awaitEnd() throws IOException {
    try {
      while (true) {
        receive();
      }
    } catch (EOFException end) {
      // what was waited for
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
