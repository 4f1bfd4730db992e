package dev.forkyard.server.rpc;

import dev.forkyard.server.process.CommandOptions.TerminalSize;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.ProcessExit;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.Terminal;

/** Processes on the wire. */
final class ProcessMessages {
  private ProcessMessages() {}

  static ProcessInfo wire(ProcessSnapshot process) {
    ProcessInfo.Builder wire =
        ProcessInfo.newBuilder()
            .setProcessId(process.id())
            .setState(ProcessState.valueOf("PROCESS_STATE_" + process.state().name()))
            .setPid(process.pid())
            .addAllArgv(process.argv())
            .setCwd(process.cwd())
            .setSessionId(process.sessionId())
            .setOwnerSessionId(process.ownerSessionId())
            .setStdout(OutputMessages.wire(process.stdout()))
            .setStderr(OutputMessages.wire(process.stderr()));
    if (process.function() != null) {
      wire.setFunction(FunctionMessages.wire(process.function()));
    }
    if (process.startTime() != null) {
      wire.setStartTime(Times.wire(process.startTime()));
    }
    if (process.exit() != null) {
      wire.setExit(wire(process.exit()));
    }
    if (process.terminal() != null) {
      wire.setTerminal(wire(process.terminal()));
    }
    return wire.build();
  }

  private static Terminal wire(TerminalSize size) {
    return Terminal.newBuilder().setRows(size.rows()).setColumns(size.columns()).build();
  }

  private static dev.forkyard.v1.ProcessExit wire(ProcessExit exit) {
    dev.forkyard.v1.ProcessExit.Builder wire =
        dev.forkyard.v1.ProcessExit.newBuilder()
            .setCoreDumped(exit.coreDumped())
            .setCause(ExitCause.valueOf("EXIT_CAUSE_" + exit.cause().name()))
            .setUserTime(Times.wire(exit.userTime()))
            .setSystemTime(Times.wire(exit.systemTime()))
            .setMaxRssBytes(exit.maxRssBytes())
            .setTime(Times.wire(exit.time()));
    exit.code().ifPresent(wire::setCode);
    exit.signal().ifPresent(wire::setSignal);
    return wire.build();
  }

  static dev.forkyard.v1.FunctionOutcome wire(FunctionOutcome outcome) {
    dev.forkyard.v1.FunctionOutcome.Builder wire = dev.forkyard.v1.FunctionOutcome.newBuilder();
    if (outcome.result() != null) {
      wire.setResult(Payloads.wire(outcome.result()));
    }
    if (outcome.failure() != null) {
      wire.setFailure(FailureMessages.wire(outcome.failure()));
    }
    return wire.build();
  }
}
