package dev.forkyard.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one protobuf message: {@link #next()} goes to a field, then exactly one of
 * the other methods reads or skips it.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private final byte[] buffer;
  private final int end;
  private int position;
  private int wireType;

  ProtoReader(byte[] message) {
    this(message, 0, message.length);
  }

  private ProtoReader(byte[] buffer, int start, int end) {
    this.buffer = buffer;
    this.position = start;
    this.end = end;
  }

  /** The number of the next field, 0 at the end of the message. */
  int next() throws IOException {
    if (position == end) {
      return 0;
    }
    int tag = (int) varint();
    wireType = tag & 7;
    if (tag >>> 3 == 0) {
      throw malformed();
    }
    return tag >>> 3;
  }

  int int32() throws IOException {
    expect(VARINT);
    return (int) varint();
  }

  String string() throws IOException {
    int start = startOfBytes();
    return new String(buffer, start, position - start, StandardCharsets.UTF_8);
  }

  /** A part of the message's own array. */
  ByteBuffer bytes() throws IOException {
    int start = startOfBytes();
    return ByteBuffer.wrap(buffer, start, position - start);
  }

  ProtoReader message() throws IOException {
    int start = startOfBytes();
    return new ProtoReader(buffer, start, position);
  }

  void skip() throws IOException {
    switch (wireType) {
      case VARINT -> varint();
      case FIXED64 -> advance(8);
      case LENGTH_DELIMITED -> startOfBytes();
      case FIXED32 -> advance(4);
      default -> throw malformed();
    }
  }

  private int startOfBytes() throws IOException {
    expect(LENGTH_DELIMITED);
    long length = varint();
    int start = position;
    advance(length);
    return start;
  }

  private void advance(long length) throws IOException {
    if (length < 0 || length > end - position) {
      throw malformed();
    }
    position += (int) length;
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (position == end) {
        throw malformed();
      }
      byte b = buffer[position++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed();
  }

  private void expect(int type) throws IOException {
    if (wireType != type) {
      throw malformed();
    }
  }

  private static IOException malformed() {
    return new IOException("a frame of the daemon is malformed");
  }
}
