package dev.forkyard.client;

import dev.forkyard.client.internal.CodecException;
import dev.forkyard.client.internal.PayloadCodec;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.Payload;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns values into payloads and back; what does not fit becomes a {@link ForkyardException}. */
@SuppressWarnings(
    "TypeParameterUnusedInFormals") // the caller has the type as a java.lang.reflect.Type
final class Values {
  /** What fits into a message of the daemon (4 MiB) beside what else is in it. */
  private static final int MOST_BYTES = (4 << 20) - (64 << 10);

  private Values() {}

  static Payload encode(PayloadCodec codec, @Nullable Object value) {
    try {
      return Protos.payload(codec.encode(value));
    } catch (CodecException e) {
      throw Errors.translate(e);
    }
  }

  static Payload encodeArguments(PayloadCodec codec, @Nullable Object... arguments) {
    Payload payload;
    try {
      payload = Protos.payload(codec.encodeArguments(arguments));
    } catch (CodecException e) {
      throw Errors.translate(e);
    }
    checkSize(payload);
    return payload;
  }

  static Payload encodeChunk(PayloadCodec codec, List<@Nullable Object[]> calls) {
    try {
      return Protos.payload(codec.encodeChunk(calls));
    } catch (CodecException e) {
      throw Errors.translate(e);
    }
  }

  /** Refuses the arguments of one call that no message can hold. */
  static void checkSize(Payload arguments) {
    checkSize(
        "the arguments of the call have",
        arguments.getSerializedSize(),
        "write them to a file and pass its path, or pass a queue or a pipe and send them through it"
            + " in smaller pieces");
  }

  /** Refuses items that no message can hold together. */
  static void checkItems(int bytes) {
    checkSize(
        "the items have",
        bytes,
        "put fewer at a time, or write large ones to files and put the paths");
  }

  /** Refuses a message that no message to the daemon can hold. */
  static void checkMessage(int bytes) {
    checkSize(
        "the message has",
        bytes,
        "send it in smaller pieces, or write it to a file and send its path");
  }

  private static void checkSize(String what, int bytes, String advice) {
    if (bytes > MOST_BYTES) {
      throw new ForkyardException(
          ForkyardException.Code.RESOURCE_EXHAUSTED,
          "MESSAGE_TOO_LARGE",
          what
              + " "
              + bytes
              + " bytes, and at most "
              + MOST_BYTES
              + " fit into a message; "
              + advice,
          Map.of("bytes", Integer.toString(bytes), "limit", Integer.toString(MOST_BYTES)),
          false,
          null);
    }
  }

  /** Tears the results of several calls apart. */
  static List<Payload> split(PayloadCodec codec, Payload results) {
    try {
      return codec.split(json(results)).stream()
          .map(element -> Payload.newBuilder().setJson(element).build())
          .toList();
    } catch (CodecException e) {
      throw Errors.translate(e);
    }
  }

  /** Decodes an item or message, which cannot be null. */
  static <T> T decode(PayloadCodec codec, Payload payload, Type type) {
    T value = Values.<@Nullable T>decodeNullable(codec, payload, type);
    if (value == null) {
      throw Errors.of(
          ForkyardException.Code.INVALID_ARGUMENT,
          "NULL_ITEM",
          "the sender has sent JSON null, which is no value of type " + type.getTypeName());
    }
    return value;
  }

  static <T extends @Nullable Object> T decodeNullable(
      PayloadCodec codec, Payload payload, Type type) {
    try {
      return codec.decode(json(payload), type);
    } catch (CodecException e) {
      throw Errors.translate(e);
    }
  }

  static <T extends @Nullable Object> List<T> decodeList(
      PayloadCodec codec, Payload payload, Type elementType) {
    try {
      return codec.decodeList(json(payload), elementType);
    } catch (CodecException e) {
      throw Errors.translate(e);
    }
  }

  private static String json(Payload payload) {
    if (!payload.hasJson()) {
      throw Errors.of(
          ForkyardException.Code.INVALID_ARGUMENT,
          "NOT_CONVERTIBLE",
          "the sender has encoded the value as `"
              + payload.getType()
              + "`, not as JSON; only ends of that language can read it");
    }
    return payload.getJson();
  }
}
