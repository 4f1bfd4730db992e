package dev.forkyard.client.internal;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns values into JSON payloads and back. Thread-safe. */
public final class PayloadCodec {
  /**
   * Creates a codec.
   *
   * @param handles makes objects from handles that are decoded
   */
  public PayloadCodec(HandleResolver handles) {
    throw new UnsupportedOperationException(handles.toString());
  }

  /**
   * Encodes one value.
   *
   * @param value the value, may be null
   * @return the encoded value
   * @throws CodecException if it cannot be encoded
   */
  public Encoded encode(@Nullable Object value) {
    throw new UnsupportedOperationException(String.valueOf(value));
  }

  /**
   * Encodes the arguments of one call.
   *
   * @param arguments the arguments
   * @return a JSON array
   * @throws CodecException if one cannot be encoded
   */
  public Encoded encodeArguments(@Nullable Object... arguments) {
    throw new UnsupportedOperationException(String.valueOf(arguments.length));
  }

  /**
   * Encodes the arguments of several calls.
   *
   * @param calls the arguments of each call
   * @return a JSON array of arrays
   * @throws CodecException if one cannot be encoded
   */
  public Encoded encodeChunk(List<@Nullable Object[]> calls) {
    throw new UnsupportedOperationException(String.valueOf(calls.size()));
  }

  /**
   * Decodes one value.
   *
   * @param json the JSON text
   * @param type the type wanted
   * @param <T> the type wanted
   * @return the value
   * @throws CodecException if the text does not fit the type
   */
  public <T extends @Nullable Object> T decode(String json, Type type) {
    throw new UnsupportedOperationException(json + type);
  }

  /**
   * Decodes a JSON array.
   *
   * @param json the JSON text
   * @param elementType the type of its elements
   * @param <T> the type of its elements
   * @return the elements, in a list of its own
   * @throws CodecException if the text does not fit the type
   */
  public <T extends @Nullable Object> List<T> decodeList(String json, Type elementType) {
    throw new UnsupportedOperationException(json + elementType);
  }
}
