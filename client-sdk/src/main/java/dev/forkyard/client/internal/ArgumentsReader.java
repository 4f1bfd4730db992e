package dev.forkyard.client.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Reads the arguments of one call after the other. For one thread. */
public final class ArgumentsReader {
  private static final int OUTER_DEPTH = 1;

  private final JsonParser in;
  private @Nullable CodecException broken;

  ArgumentsReader(JsonParser in) throws IOException {
    this.in = in;
    if (in.nextToken() != JsonToken.START_ARRAY) {
      throw new CodecException("Arguments are a JSON array with one array for each call.");
    }
  }

  /**
   * Passes over the arguments of one call.
   *
   * @return how many there were
   * @throws CodecException if there is no further call
   */
  public int skip() {
    try {
      startCall();
      int arity = 0;
      while (in.nextToken() != JsonToken.END_ARRAY) {
        in.skipChildren();
        arity++;
      }
      return arity;
    } catch (IOException e) {
      throw failed("arguments", e);
    }
  }

  /**
   * Reads the arguments of one call. After a failure the next call can be read.
   *
   * @param parameters what to read
   * @return the arguments
   * @throws CodecException if they do not fit
   */
  public @Nullable Object[] next(Parameter[] parameters) {
    @Nullable Object[] arguments = new @Nullable Object[parameters.length];
    int i = 0;
    try {
      startCall();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        if (i == parameters.length) {
          throw wrongNumber(parameters);
        }
        arguments[i] = parameters[i].read(in);
        i++;
      }
      if (i < parameters.length) {
        throw new CodecException("The call has " + i + " arguments, " + expected(parameters));
      }
      return arguments;
    } catch (IOException e) {
      String what =
          i < parameters.length ? parameters[i].type.getTypeName() + ", argument " + (i + 1) : "";
      throw failed(what, e);
    } catch (RuntimeException | Error e) { // of a handle, or of a class that cannot be loaded
      recoverFrom(e);
      throw e;
    }
  }

  private static CodecException wrongNumber(Parameter[] parameters) {
    return new CodecException("The call has too many arguments, " + expected(parameters));
  }

  private static String expected(Parameter[] parameters) {
    return "the function has " + parameters.length + ".";
  }

  private void startCall() throws IOException {
    if (broken != null) {
      throw broken;
    }
    if (in.nextToken() != JsonToken.START_ARRAY) {
      broken = new CodecException("There are fewer lists of arguments than calls.");
      throw broken;
    }
  }

  private CodecException failed(String what, IOException e) {
    CodecException failure = PayloadCodec.notReadable(what, e);
    recoverFrom(failure);
    return failure;
  }

  /** Goes on to the end of the current call, or gives up the text. */
  private void recoverFrom(Throwable failure) {
    try {
      while (depth() > OUTER_DEPTH) {
        if (in.nextToken() == null) {
          throw new IOException("the text ends early");
        }
      }
    } catch (IOException lost) {
      failure.addSuppressed(lost);
      broken = new CodecException("The arguments before cannot be read to their end.", failure);
    }
  }

  private int depth() {
    int depth = 0;
    for (JsonStreamContext c = in.getParsingContext(); !c.inRoot(); c = c.getParent()) {
      depth++;
    }
    return depth;
  }

  /** How to read one parameter of a function. */
  public static final class Parameter {
    private final Type type;
    private final ObjectReader reader;
    private final boolean integer;
    private final boolean text;

    Parameter(Type type, ObjectReader reader) {
      this.type = type;
      this.reader = reader;
      this.integer = type == int.class || type == Integer.class;
      this.text = type == String.class;
    }

    private @Nullable Object read(JsonParser in) throws IOException {
      JsonToken token = in.currentToken();
      if (integer && token == JsonToken.VALUE_NUMBER_INT) {
        return in.getIntValue();
      }
      if (text && token == JsonToken.VALUE_STRING) {
        return in.getText();
      }
      return reader.readValue(in);
    }
  }
}
