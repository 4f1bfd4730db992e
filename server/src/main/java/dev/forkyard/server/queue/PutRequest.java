package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a putter wants.
 *
 * @param payloads the items, at least one
 * @param priority of all of them
 * @param attributes what receivers are told of each of them
 * @param attributeBytes the size of the attributes
 * @param timeout how long to wait for room; null for ever
 */
public record PutRequest(
    List<Payload> payloads,
    int priority,
    Map<String, String> attributes,
    int attributeBytes,
    @Nullable Duration timeout) {
  private static final int MOST_ATTRIBUTES = 16;
  private static final int MOST_ATTRIBUTE_BYTES = 4 << 10;

  /**
   * @throws Fault INVALID_ARGUMENT
   */
  public static PutRequest of(
      List<Payload> payloads,
      int priority,
      Map<String, String> attributes,
      @Nullable Duration timeout) {
    if (payloads.isEmpty()) {
      throw Fault.invalid("items", "items is empty; put at least one item.");
    }
    if (attributes.isEmpty()) {
      return new PutRequest(payloads, priority, Map.of(), 0, timeout);
    }
    int bytes = 0;
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      bytes += bytes(attribute.getKey()) + bytes(attribute.getValue());
    }
    if (attributes.size() > MOST_ATTRIBUTES || bytes > MOST_ATTRIBUTE_BYTES) {
      throw Fault.invalid(
              "attributes",
              "attributes has at most 16 entries and 4096 bytes; put what is longer into the item.")
          .with("entries", attributes.size())
          .with("bytes", bytes);
    }
    return new PutRequest(payloads, priority, Map.copyOf(attributes), bytes, timeout);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  int sizeBytes(Payload payload) {
    return payload.sizeBytes() + attributeBytes;
  }

  long sizeBytes() {
    long bytes = 0;
    for (Payload payload : payloads) {
      bytes += sizeBytes(payload);
    }
    return bytes;
  }
}
