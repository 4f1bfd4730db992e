package dev.forkyard.client.internal;

import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import java.io.IOException;
import java.util.List;

/** Writes JSON, collects the handles in it, and keeps user data from looking like a handle. */
final class PayloadGenerator extends JsonGeneratorDelegate {
  private final List<Handle> handles;

  PayloadGenerator(JsonGenerator out, List<Handle> handles) {
    super(out, false);
    this.handles = handles;
  }

  void writeHandle(Handle handle) throws IOException {
    handles.add(handle);
    delegate.writeStartObject();
    delegate.writeFieldName(HandleTokens.KEY);
    delegate.writeStartObject();
    if (handle instanceof Handle.Queue queue) {
      delegate.writeStringField("queue", queue.queueId());
    } else if (handle instanceof Handle.PipeEnd pipeEnd) {
      delegate.writeStringField("pipe", pipeEnd.pipeId());
      delegate.writeStringField("end", pipeEnd.side().name());
    }
    delegate.writeEndObject();
    delegate.writeEndObject();
  }

  @Override
  public void writeFieldName(String name) throws IOException {
    delegate.writeFieldName(HandleTokens.isReserved(name) ? "$" + name : name);
  }

  @Override
  public void writeFieldName(SerializableString name) throws IOException {
    if (HandleTokens.isReserved(name.getValue())) {
      delegate.writeFieldName("$" + name.getValue());
    } else {
      delegate.writeFieldName(name);
    }
  }

  @Override
  public void writeNumber(double value) throws IOException {
    if (!Double.isFinite(value)) {
      throw notANumber(value);
    }
    delegate.writeNumber(value);
  }

  @Override
  public void writeNumber(float value) throws IOException {
    if (!Float.isFinite(value)) {
      throw notANumber(value);
    }
    delegate.writeNumber(value);
  }

  @Override
  public void writeArray(double[] array, int offset, int length) throws IOException {
    writeStartArray(array, length);
    for (int i = offset; i < offset + length; i++) {
      writeNumber(array[i]);
    }
    writeEndArray();
  }

  private JsonGenerationException notANumber(double value) {
    return new JsonGenerationException(
        "JSON has no number for " + value + "; send null or a text instead", this);
  }
}
