package dev.forkyard.server.rpc;

import com.google.gson.stream.JsonWriter;
import com.google.protobuf.Value;
import dev.forkyard.server.core.Fault;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;

/**
 * JSON text of a value that somebody typed inside a request. Numbers come as doubles there; whole
 * ones are written as integers again, as they were typed.
 */
final class TypedJson {
  private static final double FIRST_INEXACT_INTEGER = 0x1p53;

  private TypedJson() {}

  /**
   * @throws Fault INVALID_ARGUMENT for what JSON cannot hold
   */
  static String write(Value value) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);

      write(value, json);
    } catch (IOException | IllegalArgumentException notJson) {
      throw Fault.invalid(
          "value", "A typed value cannot be written as JSON: " + notJson.getMessage() + ".");
    }
    return text.toString();
  }

  private static void write(Value value, JsonWriter json) throws IOException {
    switch (value.getKindCase()) {
      case NULL_VALUE -> json.nullValue();
      case BOOL_VALUE -> json.value(value.getBoolValue());
      case STRING_VALUE -> json.value(value.getStringValue());
      case NUMBER_VALUE -> write(value.getNumberValue(), json);
      case STRUCT_VALUE -> {
        json.beginObject();
        for (Map.Entry<String, Value> field : value.getStructValue().getFieldsMap().entrySet()) {
          json.name(field.getKey());
          write(field.getValue(), json);
        }
        json.endObject();
      }
      case LIST_VALUE -> {
        json.beginArray();
        for (Value element : value.getListValue().getValuesList()) {
          write(element, json);
        }
        json.endArray();
      }
      case KIND_NOT_SET -> throw new IllegalArgumentException("it has no kind");
    }
  }

  private static void write(double number, JsonWriter json) throws IOException {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      throw new IllegalArgumentException(number + " is no JSON number");
    }
    if (number == Math.rint(number) && Math.abs(number) < FIRST_INEXACT_INTEGER) {
      json.value((long) number);
    } else {
      json.value(number);
    }
  }
}
