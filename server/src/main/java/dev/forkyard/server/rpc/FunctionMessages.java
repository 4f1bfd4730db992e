package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.worker.FunctionProcesses;
import dev.forkyard.server.worker.WorkerSpec;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.JavaRuntime;

/** Functions and workers on the wire. */
final class FunctionMessages {
  private FunctionMessages() {}

  static FunctionName of(Function wire) {
    return new FunctionName(wire.getName(), wire.getSignature());
  }

  static Function wire(FunctionName name) {
    return Function.newBuilder().setName(name.name()).setSignature(name.signature()).build();
  }

  /**
   * @throws Fault INVALID_ARGUMENT
   */
  static WorkerSpec of(dev.forkyard.v1.WorkerSpec wire) {
    if (!wire.hasJava()) {
      throw Fault.invalid("worker", "worker names no runtime; set worker.java.");
    }
    JavaRuntime java = wire.getJava();
    return new WorkerSpec(
        java.getJavaHome(),
        java.getClassPathList(),
        java.getJvmFlagsList(),
        wire.getCwd(),
        wire.getEnvMap(),
        wire.getClearEnv());
  }

  /** A call in a process of its own is a chunk of one; around JSON that is a pair of brackets. */
  static final FunctionProcesses.Wrapping WRAPPING =
      new FunctionProcesses.Wrapping() {
        @Override
        public Payload oneCall(Payload arguments) {
          dev.forkyard.v1.Payload wire = Payloads.wire(arguments);
          return Payloads.of(wire.toBuilder().setJson("[" + wire.getJson() + "]").build());
        }

        @Override
        public Payload onlyResult(Payload results) {
          String json = Payloads.wire(results).getJson().strip();
          return Payloads.json(json.substring(1, json.length() - 1));
        }
      };
}
