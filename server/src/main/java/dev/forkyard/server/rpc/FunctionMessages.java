package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.worker.WorkerRuntime;
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
    return new WorkerSpec(runtime(wire), wire.getCwd(), wire.getEnvMap(), wire.getClearEnv());
  }

  private static WorkerRuntime runtime(dev.forkyard.v1.WorkerSpec wire) {
    return switch (wire.getRuntimeCase()) {
      case JAVA -> {
        JavaRuntime java = wire.getJava();
        yield new WorkerRuntime.JavaRuntime(
            java.getJavaHome(), java.getClassPathList(), java.getJvmFlagsList());
      }
      case COMMAND -> new WorkerRuntime.CommandRuntime(wire.getCommand().getArgvList());
      case RUNTIME_NOT_SET ->
          throw Fault.invalid(
              "worker", "worker names no runtime; set worker.java or worker.command.");
    };
  }
}
