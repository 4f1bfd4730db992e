package dev.forkyard.client.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes one value after the other as JSON into a buffer that it keeps. For one thread. */
public final class PayloadWriter {
  private final ObjectMapper mapper;
  private final Buffer buffer;
  private final List<Handle> handles = new ArrayList<>();
  private @Nullable PayloadGenerator generator;

  PayloadWriter(ObjectMapper mapper, int mostBytes) {
    this.mapper = mapper;
    this.buffer = new Buffer(mostBytes);
  }

  /**
   * Replaces what was written by one value.
   *
   * @param value the value, may be null
   * @throws CodecException if it cannot be encoded
   */
  public void value(@Nullable Object value) {
    write((out, types) -> writeValue(value, out, types));
  }

  /**
   * Tells the length of the text.
   *
   * @return its number of bytes
   */
  public int size() {
    return buffer.size();
  }

  /**
   * Gives the buffer, whose first {@link #size()} bytes are the text in UTF-8.
   *
   * @return the buffer itself, good until the next value
   */
  public byte[] buffer() {
    return buffer.bytes();
  }

  /**
   * Tells the handles inside the value.
   *
   * @return a copy of the list
   */
  public List<Handle> handles() {
    return List.copyOf(handles);
  }

  void array(@Nullable Object[] values) {
    write((out, types) -> writeArray(values, out, types));
  }

  void arrays(List<@Nullable Object[]> arrays) {
    write(
        (out, types) -> {
          out.writeStartArray();
          for (@Nullable Object[] values : arrays) {
            writeArray(values, out, types);
          }
          out.writeEndArray();
        });
  }

  /** The text and its handles; nothing can be written afterwards. */
  Encoded finish() {
    try {
      if (generator != null) {
        generator.close();
      }
    } catch (IOException e) {
      throw notWritable(e);
    }
    return new Encoded(buffer.toString(StandardCharsets.UTF_8), handles());
  }

  private void write(Content content) {
    buffer.clear();
    handles.clear();
    try {
      PayloadGenerator out = generator;
      if (out == null) {
        out = new PayloadGenerator(mapper.createGenerator(buffer), handles);
      }
      generator = null; // what failed half-way is not used again
      content.writeTo(out, mapper.getSerializerProviderInstance());
      out.flush();
      generator = out;
    } catch (IOException e) {
      throw buffer.isFull() ? buffer.tooMuch(e) : notWritable(e);
    } catch (UncheckedIOException e) {
      throw buffer.isFull() ? buffer.tooMuch(e) : e;
    }
  }

  private static void writeArray(
      @Nullable Object[] values, JsonGenerator out, SerializerProvider types) throws IOException {
    out.writeStartArray();
    for (Object value : values) {
      writeValue(value, out, types);
    }
    out.writeEndArray();
  }

  private static void writeValue(
      @Nullable Object value, JsonGenerator out, SerializerProvider types) throws IOException {
    if (value instanceof Integer number) {
      out.writeNumber(number);
    } else if (value instanceof String text) {
      out.writeString(text);
    } else {
      types.defaultSerializeValue(value, out);
    }
  }

  static CodecException notWritable(IOException e) {
    String reason =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return new CodecException(
        "A value cannot be written as JSON: "
            + String.valueOf(reason).replaceFirst(" \\(to avoid exception.*", "")
            + ". Use records, or classes with getters, of texts, numbers, lists and maps.",
        e);
  }

  private interface Content {
    void writeTo(JsonGenerator out, SerializerProvider types) throws IOException;
  }

  /** Takes so many bytes and no more. */
  private static final class Buffer extends ByteArrayOutputStream {
    private static final int KEPT_BYTES = 1 << 20;

    private final int most;
    private boolean full;

    Buffer(int most) {
      this.most = most;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      if (length > most - count) {
        full = true;
        throw new UncheckedIOException(new IOException("too much"));
      }
      super.write(bytes, offset, length);
    }

    /** Empties it, and gives back the memory of an unusually large value. */
    void clear() {
      full = false;
      reset();
      if (buf.length > KEPT_BYTES) {
        buf = new byte[Byte.MAX_VALUE];
      }
    }

    byte[] bytes() {
      return buf;
    }

    boolean isFull() {
      return full;
    }

    CodecException tooMuch(Exception e) {
      return new CodecException(
          "The value has more than "
              + most
              + " bytes as JSON. Write it to a file and pass its path, or send it in parts through"
              + " a queue or pipe.",
          e);
    }
  }
}
