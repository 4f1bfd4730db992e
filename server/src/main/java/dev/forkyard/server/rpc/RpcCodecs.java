package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Payload;
import dev.forkyard.server.worker.FunctionProcesses;

/** What the features need to know of payloads without knowing the wire. */
public final class RpcCodecs {
  private RpcCodecs() {}

  /** Makes a payload of JSON text. */
  public static Payload jsonPayload(String text) {
    return Payloads.json(text);
  }

  /** A call in a process of its own is a chunk of one; around JSON that is a pair of brackets. */
  public static final FunctionProcesses.Wrapping WRAPPING =
      new FunctionProcesses.Wrapping() {
        @Override
        public Payload oneCall(Payload arguments) {
          dev.forkyard.v1.Payload wire = Payloads.wire(arguments);
          return Payloads.of(wire.toBuilder().setJson("[" + wire.getJson() + "]").build());
        }

        @Override
        public Payload onlyResult(Payload results) {
          dev.forkyard.v1.Payload wire = Payloads.wire(results);
          String json = wire.getJson().strip();
          String only = json.substring(1, json.length() - 1);
          return Payloads.of(wire.toBuilder().setJson(only).build());
        }
      };
}
