package dev.forkyard.worker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the fields of one protobuf message. Default values are left out, as proto3 does. */
final class ProtoWriter {
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;

  private byte[] buffer = new byte[256];
  private int size;

  ProtoWriter int32(int field, int value) {
    if (value != 0) {
      varint(field << 3 | VARINT);
      varint(value);
    }
    return this;
  }

  ProtoWriter string(int field, String value) {
    if (!value.isEmpty()) {
      bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  /** Writes a field even if it is empty. */
  ProtoWriter bytes(int field, byte[] value) {
    return bytes(field, ByteBuffer.wrap(value));
  }

  /** Writes a field even if it is empty; reads the buffer to its limit. */
  ProtoWriter bytes(int field, ByteBuffer value) {
    int length = value.remaining();
    varint(field << 3 | LENGTH_DELIMITED);
    varint(length);
    reserve(length);
    value.get(buffer, size, length);
    size += length;
    return this;
  }

  ProtoWriter message(int field, ProtoWriter message) {
    return bytes(field, message.toBuffer());
  }

  /** Adds the fields of another message. */
  ProtoWriter append(ProtoWriter fields) {
    reserve(fields.size);
    System.arraycopy(fields.buffer, 0, buffer, size, fields.size);
    size += fields.size;
    return this;
  }

  /** The message so far, in the writer's own array. */
  ByteBuffer toBuffer() {
    return ByteBuffer.wrap(buffer, 0, size);
  }

  /** A negative number takes ten bytes, as protobuf wants it. */
  private void varint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
  }

  private void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(needed, (int) Math.min(2L * buffer.length, 1 << 30)));
    }
  }
}
