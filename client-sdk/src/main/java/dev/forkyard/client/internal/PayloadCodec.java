package dev.forkyard.client.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns values into JSON payloads and back. Thread-safe.
 *
 * <p>Types come from declarations on the receiving side, never from the payload. Numbers cross
 * exactly; NaN and the infinities are refused at the sender, because JSON has no such numbers.
 * Properties that the receiver does not know are left out, a null for a primitive is refused.
 *
 * <p>A {@link HandleValue} at any depth is written as {@code {"$forkyard": {"queue": "jobs"}}}. A
 * key of user data that is {@code $forkyard}, or that with more dollar signs in front, is written
 * with one more dollar sign in front, which the receiver takes away.
 */
public final class PayloadCodec {
  private final ObjectMapper mapper;
  private final Map<Type, ObjectReader> readers = new ConcurrentHashMap<>();

  /**
   * Creates a codec.
   *
   * @param handles makes objects from handles that are decoded
   */
  public PayloadCodec(HandleResolver handles) {
    mapper = JsonMappers.create(handles);
  }

  /**
   * Encodes one value.
   *
   * @param value the value, may be null
   * @return the encoded value
   * @throws CodecException if it cannot be encoded
   */
  public Encoded encode(@Nullable Object value) {
    return encoded(writer -> writer.value(value));
  }

  /**
   * Encodes the arguments of one call.
   *
   * @param arguments the arguments
   * @return a JSON array
   * @throws CodecException if one cannot be encoded
   */
  public Encoded encodeArguments(@Nullable Object... arguments) {
    return encoded(writer -> writer.array(arguments));
  }

  /**
   * Encodes the arguments of several calls.
   *
   * @param calls the arguments of each call
   * @return a JSON array of arrays
   * @throws CodecException if one cannot be encoded
   */
  public Encoded encodeChunk(List<@Nullable Object[]> calls) {
    return encoded(writer -> writer.arrays(calls));
  }

  private Encoded encoded(Consumer<PayloadWriter> content) {
    PayloadWriter writer = writer();
    try {
      content.accept(writer);
      return writer.finish();
    } catch (CodecException e) {
      throw e;
    } catch (RuntimeException | Error e) { // of a class that is encoded; its user is told
      throw PayloadWriter.notWritable(new IOException(e.toString(), e));
    }
  }

  /**
   * Decodes one value.
   *
   * @param json the JSON text
   * @param type the type wanted; {@code void} for a value that is left unread
   * @param <T> the type wanted
   * @return the value
   * @throws CodecException if the text does not fit the type
   */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  public <T extends @Nullable Object> T decode(String json, Type type) {
    return read(json, javaType(type));
  }

  /**
   * Decodes a JSON array.
   *
   * @param json the JSON text
   * @param elementType the type of its elements; {@code void} gives nulls
   * @param <T> the type of its elements
   * @return the elements, in a list of its own
   * @throws CodecException if the text does not fit the type
   */
  public <T extends @Nullable Object> List<T> decodeList(String json, Type elementType) {
    return read(
        json, mapper.getTypeFactory().constructCollectionType(List.class, javaType(elementType)));
  }

  /**
   * Tears a JSON array apart without decoding what is in it.
   *
   * @param json the JSON text
   * @return the texts of its elements
   * @throws CodecException if it is no array
   */
  public List<String> split(String json) {
    List<String> elements = new ArrayList<>();
    try {
      JsonNode array =
          mapper.reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).readTree(json);
      array.forEach(element -> elements.add(element.toString()));
      return elements;
    } catch (IOException e) {
      throw notReadable("an array", e);
    }
  }

  /**
   * Starts to read the arguments of several calls.
   *
   * @param json UTF-8 text of a JSON array of arrays, in a buffer with an array
   * @return a reader of its calls
   * @throws CodecException if it is no array
   */
  public ArgumentsReader readArguments(ByteBuffer json) {
    try {
      return new ArgumentsReader(parser(json));
    } catch (IOException e) {
      throw notReadable("arguments", e);
    }
  }

  /**
   * Prepares to read the arguments of a function.
   *
   * @param types declared types of its parameters
   * @return how to read them
   */
  public ArgumentsReader.Parameter[] parameters(List<Type> types) {
    return types.stream()
        .map(type -> new ArgumentsReader.Parameter(type, readerFor(type)))
        .toArray(ArgumentsReader.Parameter[]::new);
  }

  /**
   * Makes a writer that can be used for one value after the other.
   *
   * @return the writer, for one thread at a time
   */
  public PayloadWriter writer() {
    return writer(Integer.MAX_VALUE);
  }

  /**
   * Makes a writer that can be used for one value after the other.
   *
   * @param mostBytes size of the largest text; a larger value is refused as soon as it gets there
   * @return the writer, for one thread at a time
   */
  public PayloadWriter writer(int mostBytes) {
    return new PayloadWriter(mapper, mostBytes);
  }

  /**
   * Tells a type whose values may cross as they are.
   *
   * @param type the type
   * @return whether it is {@code byte[]}
   */
  public boolean isBytes(Type type) {
    return javaType(type).hasRawClass(byte[].class);
  }

  private ObjectReader readerFor(Type type) {
    return readers.computeIfAbsent(type, t -> mapper.readerFor(javaType(t)));
  }

  private JavaType javaType(Type type) {
    return mapper.constructType(type == void.class ? Void.class : type);
  }

  @SuppressWarnings("TypeParameterUnusedInFormals")
  private <T extends @Nullable Object> T read(String json, JavaType type) {
    try (JsonParser parser = parser(json)) {
      T value = readerFor(type).readValue(parser);
      if (parser.nextToken() != null) {
        throw new CodecException("There is more text after the JSON value.");
      }
      return value;
    } catch (IOException e) {
      throw notReadable(type.toCanonical(), e);
    } catch (Error e) { // of a class that is decoded; whoever waits for the value is told
      throw notReadable(type.toCanonical(), new IOException(e.toString(), e));
    }
  }

  private JsonParser parser(String json) throws IOException {
    JsonParser parser = mapper.createParser(json);
    return HandleTokens.mayContain(json) ? HandleTokens.translate(parser, mapper) : parser;
  }

  private JsonParser parser(ByteBuffer json) throws IOException {
    int start = json.arrayOffset() + json.position();
    JsonParser parser = mapper.createParser(json.array(), start, json.remaining());
    return HandleTokens.mayContain(json) ? HandleTokens.translate(parser, mapper) : parser;
  }

  static CodecException notReadable(String type, IOException e) {
    String reason =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return new CodecException(
        "The JSON text cannot be read as "
            + type
            + ": "
            + String.valueOf(reason).replaceFirst(" \\(set DeserializationConfig.*", ""),
        e);
  }
}
