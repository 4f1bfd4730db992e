package dev.forkyard.server.contract;

import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A payload without a transport. */
record Text(String value, List<Handle> handles) implements Payload {
  @Override
  public int sizeBytes() {
    return value.length();
  }

  @Override
  public int contentBytes() {
    return value.getBytes(StandardCharsets.UTF_8).length;
  }

  static List<Payload> all(List<String> values) {
    return values.stream().map(value -> (Payload) new Text(value, List.of())).toList();
  }

  static List<String> values(List<Payload> payloads) {
    return payloads.stream().map(payload -> ((Text) payload).value()).toList();
  }
}
