package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Payload;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.FunctionProcesses;
import dev.forkyard.server.worker.UnaryWorker;
import java.util.Iterator;

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
          return Payloads.of(
              "arguments", wire.toBuilder().setJson("[" + wire.getJson() + "]").build());
        }

        @Override
        public Payload onlyResult(Payload results) {
          dev.forkyard.v1.Payload wire = Payloads.wire(results);
          String json = wire.getJson().strip();
          String only = json.substring(1, json.length() - 1);
          return Payloads.of("result", wire.toBuilder().setJson(only).build());
        }
      };

  /** Workers that make single calls get the argument lists of a chunk one by one. */
  public static final UnaryWorker.Splitting SPLITTING =
      new UnaryWorker.Splitting() {
        @Override
        public Iterator<Payload> calls(Assignment assignment) {
          dev.forkyard.v1.Payload wire = Payloads.wire(assignment.arguments());
          Iterator<String> lists =
              JsonLists.elements("arguments", wire.getJson(), assignment.first());
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return lists.hasNext();
            }

            @Override
            public Payload next() {
              return Payloads.of("arguments", wire.toBuilder().setJson(lists.next()).build());
            }
          };
        }

        @Override
        public Payload listOf(Payload result) {
          dev.forkyard.v1.Payload wire = Payloads.wire(result);
          JsonLists.checkValue("result", wire.getJson());
          return WRAPPING.oneCall(result);
        }
      };
}
