package dev.forkyard.worker;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * The connection to the daemon: frames with a 4-byte length. One thread may read while one writes.
 */
final class Link {
  /** Bytes in the largest frame. */
  static final int MAX_FRAME = 64 * 1024 * 1024;

  private final SocketChannel channel;

  private Link(SocketChannel channel) {
    this.channel = channel;
  }

  static Link connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return new Link(channel);
  }

  /** Waits for a frame. */
  byte[] read() throws IOException {
    int length = readFully(ByteBuffer.allocate(Integer.BYTES)).getInt();
    if (length < 0 || length > MAX_FRAME) {
      throw new IOException("a frame of the daemon is larger than " + MAX_FRAME + " bytes");
    }
    return readFully(ByteBuffer.allocate(length)).array();
  }

  /** Lets the thread that reads come to the end of what is there; writing goes on. */
  void readNoMore() {
    try {
      channel.shutdownInput();
    } catch (IOException closed) {
      // then nobody reads
    }
  }

  /** Writes a frame; waits while the daemon does not read. */
  void write(ProtoWriter frame) throws IOException {
    ByteBuffer body = frame.toBuffer();
    ByteBuffer[] both = {ByteBuffer.allocate(Integer.BYTES).putInt(body.remaining()).flip(), body};
    while (both[1].hasRemaining() || both[0].hasRemaining()) {
      channel.write(both);
    }
  }

  private ByteBuffer readFully(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the daemon closed the connection");
      }
    }
    return buffer.flip();
  }
}
