package dev.forkyard.client.internal;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How handles stand in JSON, and how user data that looks like one is kept apart. */
final class HandleTokens {
  static final String KEY = "$forkyard";

  private HandleTokens() {}

  /** True if the key has to change on its way: the handle key with any number of `$` in front. */
  static boolean isReserved(String key) {
    if (key.isEmpty() || key.charAt(0) != '$' || !key.endsWith(KEY)) {
      return false;
    }
    for (int i = 0; i < key.length() - KEY.length(); i++) {
      if (key.charAt(i) != '$') {
        return false;
      }
    }
    return true;
  }

  static boolean mayContain(String json) {
    return json.contains(KEY);
  }

  static boolean mayContain(ByteBuffer json) {
    return new String(
            json.array(),
            json.arrayOffset() + json.position(),
            json.remaining(),
            StandardCharsets.ISO_8859_1)
        .contains(KEY);
  }

  /** Replaces handles by embedded {@link Handle} objects and takes the escape from keys. */
  static JsonParser translate(JsonParser in, ObjectMapper mapper) throws IOException {
    try (TokenBuffer out = new TokenBuffer(in)) {
      while (in.nextToken() != null) {
        copyValue(in, out);
      }
      JsonParser translated = out.asParser(in.streamReadConstraints());
      translated.setCodec(mapper);
      return translated;
    }
  }

  private static void copyValue(JsonParser in, TokenBuffer out) throws IOException {
    if (in.currentToken() == JsonToken.START_ARRAY) {
      out.writeStartArray();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        copyValue(in, out);
      }
      out.writeEndArray();
    } else if (in.currentToken() == JsonToken.START_OBJECT) {
      copyObject(in, out);
    } else {
      out.copyCurrentEvent(in);
    }
  }

  private static void copyObject(JsonParser in, TokenBuffer out) throws IOException {
    String key = in.nextFieldName();
    if (KEY.equals(key)) {
      out.writeEmbeddedObject(readHandle(in));
      return;
    }
    out.writeStartObject();
    for (; key != null; key = in.nextFieldName()) {
      out.writeFieldName(isReserved(key) ? key.substring(1) : key);
      in.nextToken();
      copyValue(in, out);
    }
    out.writeEndObject();
  }

  private static Handle readHandle(JsonParser in) throws IOException {
    String queue = null;
    String pipe = null;
    String end = null;
    expect(in, in.nextToken() == JsonToken.START_OBJECT);
    for (String key = in.nextFieldName(); key != null; key = in.nextFieldName()) {
      String text = in.nextTextValue();
      switch (key) {
        case "queue" -> queue = text;
        case "pipe" -> pipe = text;
        case "end" -> end = text;
        default -> expect(in, false);
      }
    }
    expect(in, in.nextToken() == JsonToken.END_OBJECT);
    if (queue != null && pipe == null && end == null) {
      return new Handle.Queue(queue);
    }
    expect(in, queue == null && pipe != null && ("LEFT".equals(end) || "RIGHT".equals(end)));
    return new Handle.PipeEnd(String.valueOf(pipe), Handle.Side.valueOf(String.valueOf(end)));
  }

  private static void expect(JsonParser in, boolean asExpected) throws IOException {
    if (!asExpected) {
      throw new JsonParseException(
          in,
          "a handle is {\"$forkyard\": {\"queue\": ID}} or {\"$forkyard\": {\"pipe\": ID, \"end\":"
              + " \"LEFT\" or \"RIGHT\"}}; a key of your own of that name is written $$forkyard");
    }
  }
}
