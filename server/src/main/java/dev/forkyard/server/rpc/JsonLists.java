package dev.forkyard.server.rpc;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.forkyard.server.core.Fault;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.Iterator;

/**
 * JSON text that comes from workers in any language, or goes to them piece by piece. It is checked
 * and cut, and never changed.
 */
final class JsonLists {
  private static final int DEEPEST = 1000;

  private JsonLists() {}

  /**
   * Checks that a text is one value.
   *
   * @throws Fault INVALID_ARGUMENT
   */
  static void checkValue(String field, String json) {
    read(field, "one JSON value", json, JsonReader::skipValue);
  }

  /**
   * Checks that a text is one list.
   *
   * @return how many elements it has
   * @throws Fault INVALID_ARGUMENT
   */
  static int count(String field, String json) {
    return count(field, "one JSON array", json, JsonReader::skipValue);
  }

  /**
   * Checks that a text is a list of lists.
   *
   * @return how many lists it has
   * @throws Fault INVALID_ARGUMENT
   */
  static int countLists(String field, String json) {
    return count(
        field,
        "one JSON array with an array for each call",
        json,
        reader -> {
          checkIsList(reader);
          reader.skipValue();
        });
  }

  private static int count(String field, String expected, String json, Reading element) {
    int[] count = new int[1];
    read(
        field,
        expected,
        json,
        reader -> {
          checkIsList(reader);
          reader.beginArray();
          for (; reader.hasNext(); count[0]++) {
            element.read(reader);
          }
          reader.endArray();
        });
    return count[0];
  }

  private static void checkIsList(JsonReader reader) throws IOException {
    JsonToken next = reader.peek();
    if (next != JsonToken.BEGIN_ARRAY) {
      String what = next == JsonToken.BEGIN_OBJECT ? "an object" : "no array";
      throw new IllegalStateException(reader.getPath() + " is " + what);
    }
  }

  private interface Reading {
    void read(JsonReader reader) throws IOException;
  }

  private static void read(String field, String expected, String json, Reading reading) {
    JsonReader reader = new JsonReader(new StringReader(json));
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(DEEPEST);
    boolean isRead = false;
    try {
      reading.read(reader);
      isRead = true;
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new IllegalStateException("more follows");
      }
    } catch (IOException | IllegalStateException malformed) {
      String why = isRead ? "more text follows it" : why(reader, json, malformed);
      throw Fault.invalid(field, field + " must be " + expected + ", but " + why + ".");
    }
  }

  private static String why(JsonReader reader, String json, Exception malformed) {
    if (malformed instanceof EOFException) {
      return json.isBlank() ? "there is no text" : "the text ends too early";
    }
    String said = String.valueOf(malformed.getMessage());
    if (said.startsWith("Nesting limit")) {
      return "it is nested more than " + DEEPEST + " levels deep";
    }
    return malformed instanceof IllegalStateException
        ? said
        : "what stands at " + reader.getPath() + " is no JSON, as NaN and Infinity are none";
  }

  /**
   * The elements of a list as they stand there, one after the other. {@code next} throws a fault
   * when the text is no list, or has no more elements; there always is a next.
   *
   * @param skipped how many to leave out
   */
  static Iterator<String> elements(String field, String json, int skipped) {
    return new Elements(field, json, skipped);
  }

  /** Cuts a list whose soundness was checked. */
  private static final class Elements implements Iterator<String> {
    private final String field;
    private final String json;
    private final int skipped;
    private int at = -1;

    Elements(String field, String json, int skipped) {
      this.field = field;
      this.json = json;
      this.skipped = skipped;
    }

    @Override
    public boolean hasNext() {
      return true;
    }

    @Override
    public String next() {
      if (at < 0) {
        if (count(field, json) <= skipped) {
          throw tooFew();
        }
        at = json.indexOf('[') + 1;
        for (int i = 0; i < skipped; i++) {
          cut();
        }
      }
      return cut();
    }

    private String cut() {
      int start = at;
      for (int depth = 0; depth > 0 || !isBorder(json.charAt(at)); at++) {
        switch (json.charAt(at)) {
          case '[', '{' -> depth++;
          case ']', '}' -> depth--;
          case '"' -> skipString();
          default -> {}
        }
      }
      String element = json.substring(start, at).strip();
      if (element.isEmpty()) {
        throw tooFew();
      }
      if (json.charAt(at) == ',') {
        at++;
      }
      return element;
    }

    private static boolean isBorder(char next) {
      return next == ',' || next == ']';
    }

    private void skipString() {
      for (at++; json.charAt(at) != '"'; at++) {
        if (json.charAt(at) == '\\') {
          at++;
        }
      }
    }

    private Fault tooFew() {
      return Fault.invalid(field, field + " must have one list of arguments for each call.");
    }
  }
}
