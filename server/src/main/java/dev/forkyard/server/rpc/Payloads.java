package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.v1.Payload.ContentCase;
import dev.forkyard.v1.PipeEndHandle;
import java.util.ArrayList;
import java.util.List;

/** Payloads and handles on the wire and in the daemon. A payload is passed on as it came. */
final class Payloads {
  private Payloads() {}

  private record WirePayload(dev.forkyard.v1.Payload message, List<Handle> handles)
      implements Payload {
    @Override
    public int sizeBytes() {
      return message.getSerializedSize();
    }

    @Override
    public int contentBytes() {
      return message.hasData() ? message.getData().size() : message.getJsonBytes().size();
    }
  }

  /**
   * @param field its place in the request
   * @throws Fault PAYLOAD_EMPTY, or for a handle without a target
   */
  static Payload of(String field, dev.forkyard.v1.Payload message) {
    return switch (message.getContentCase()) {
      case JSON, DATA -> new WirePayload(message, handles(message));
      case VALUE -> new WirePayload(typed(message), handles(message));
      case CONTENT_NOT_SET ->
          throw new Fault(
                  Reason.PAYLOAD_EMPTY,
                  field + " has no content; set json, data or value, such as {\"json\": \"1\"}.")
              .with("field", field);
    };
  }

  /** A list of arguments, which may be left out where there are none. */
  static Payload arguments(String field, dev.forkyard.v1.Payload message) {
    boolean none = message.getContentCase() == ContentCase.CONTENT_NOT_SET;
    return of(field, none ? message.toBuilder().setJson("[]").build() : message);
  }

  /** What was typed by hand becomes JSON text. */
  private static dev.forkyard.v1.Payload typed(dev.forkyard.v1.Payload message) {
    return message.toBuilder().setJson(TypedJson.write(message.getValue())).build();
  }

  static List<Payload> all(String field, List<dev.forkyard.v1.Payload> messages) {
    List<Payload> payloads = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      payloads.add(of(field, i, messages.get(i)));
    }
    return payloads;
  }

  /** Makes no text of an index that nobody is told. */
  private static Payload of(String field, int index, dev.forkyard.v1.Payload message) {
    boolean empty = message.getContentCase() == ContentCase.CONTENT_NOT_SET;
    return of(empty ? field + "[" + index + "]" : field, message);
  }

  static Payload json(String text) {
    return new WirePayload(dev.forkyard.v1.Payload.newBuilder().setJson(text).build(), List.of());
  }

  static dev.forkyard.v1.Payload wire(Payload payload) {
    return ((WirePayload) payload).message();
  }

  private static List<Handle> handles(dev.forkyard.v1.Payload message) {
    if (message.getHandlesCount() == 0) {
      return List.of();
    }
    return message.getHandlesList().stream().map(Payloads::handle).toList();
  }

  private static Handle handle(dev.forkyard.v1.Handle wire) {
    return switch (wire.getTargetCase()) {
      case QUEUE_ID -> new Handle(Handle.Kind.QUEUE, wire.getQueueId(), "");
      case PIPE_END -> pipeEnd(wire.getPipeEnd());
      case TARGET_NOT_SET ->
          throw Fault.invalid("handles", "A handle has no target; name a queue or a pipe end.");
    };
  }

  private static Handle pipeEnd(PipeEndHandle end) {
    return new Handle(
        Handle.Kind.PIPE_END, end.getPipeId(), PipeMessages.side(end.getSide()).name());
  }
}
