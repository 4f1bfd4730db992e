package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.ProcessEvent;
import dev.forkyard.server.process.ProcessExit;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.SpawnError;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.Terminal;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WatchProcessesResponse;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;

/** Processes on the wire. */
final class ProcessMessages {
  private ProcessMessages() {}

  static ProcessInfo wire(ProcessSnapshot process) {
    ProcessInfo.Builder wire =
        ProcessInfo.newBuilder()
            .setProcessId(process.id())
            .setState(wire(process.state()))
            .setRun(process.run())
            .putAllLabels(process.labels())
            .setRevision(process.revision())
            .setPid(process.pid())
            .addAllArgv(process.argv())
            .setCwd(process.cwd())
            .setSessionId(process.sessionId())
            .setOwnerSessionId(process.ownerSessionId())
            .setParentSessionId(process.parent().sessionId())
            .setParentProcessId(process.parent().processId())
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
    if (process.previousExit() != null) {
      wire.setPreviousExit(wire(process.previousExit()));
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
            .setRun(exit.run())
            .setCoreDumped(exit.coreDumped())
            .setCause(ExitCause.valueOf("EXIT_CAUSE_" + exit.cause().name()))
            .setUserTime(Times.wire(exit.userTime()))
            .setSystemTime(Times.wire(exit.systemTime()))
            .setMaxRssBytes(exit.maxRssBytes())
            .setTime(Times.wire(exit.time()));
    exit.code().ifPresent(wire::setCode);
    exit.signal().ifPresent(wire::setSignal);
    exit.spawnError().map(ProcessMessages::wire).ifPresent(wire::setSpawnError);
    return wire.build();
  }

  private static dev.forkyard.v1.SpawnError wire(SpawnError error) {
    return dev.forkyard.v1.SpawnError.newBuilder()
        .setErrno(error.errno())
        .setErrnoName(error.errnoName())
        .setStage(error.stage())
        .setPath(error.path())
        .setMessage(error.message())
        .build();
  }

  /** How a process is to live. */
  static ProcessOptions options(StartProcessRequest request) {
    ProcessOptions standard = ProcessOptions.DEFAULT;
    return new ProcessOptions(
        request.getLabelsMap(),
        request.getStopSignal().isEmpty()
            ? standard.stopSignal()
            : ProcessOptions.signal(request.getStopSignal()),
        request.hasStopGrace()
            ? Times.duration("stop_grace", request.getStopGrace())
            : standard.stopGrace(),
        request.hasRunTimeout() ? runTimeout(request) : null,
        request.getOutputLimitBytes(),
        standard.endsGroup());
  }

  private static Duration runTimeout(StartProcessRequest request) {
    Duration timeout = Times.duration("run_timeout", request.getRunTimeout());
    if (timeout.isZero()) {
      throw Fault.invalid(
          "run_timeout", "run_timeout must be more than \"0s\"; leave it out for no limit.");
    }
    return timeout;
  }

  /** Which processes are to be listed. */
  static Predicate<ProcessSnapshot> filter(ListProcessesRequest request) {
    Set<ProcessState> states = Set.copyOf(request.getStatesList());
    if (states.contains(ProcessState.UNRECOGNIZED)
        || states.contains(ProcessState.PROCESS_STATE_UNSPECIFIED)) {
      throw Fault.invalid(
          "states", "states must be states of a process; without any, all are listed.");
    }
    String parent = request.getParentSessionId();
    return process ->
        process.hasLabels(request.getLabelsMap())
            && (parent.isEmpty() || parent.equals(process.parent().sessionId()))
            && (states.isEmpty() || states.contains(wire(process.state())));
  }

  /** Which processes are to be watched. */
  static Predicate<ProcessSnapshot> filter(WatchProcessesRequest request) {
    return process ->
        process.hasLabels(request.getLabelsMap())
            && (request.getProcessId().isEmpty() || request.getProcessId().equals(process.id()));
  }

  /**
   * An event of a watch.
   *
   * @param revision from which a later watch can go on
   */
  static WatchProcessesResponse wire(ProcessEvent event, long revision) {
    return WatchProcessesResponse.newBuilder()
        .setEvent(dev.forkyard.v1.ProcessEvent.valueOf("PROCESS_EVENT_" + event.kind().name()))
        .setProcess(wire(event.process()))
        .setRevision(revision)
        .build();
  }

  static WatchProcessesResponse listComplete(long revision) {
    return WatchProcessesResponse.newBuilder()
        .setEvent(dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_LIST_COMPLETE)
        .setRevision(revision)
        .build();
  }

  static WatchProcessesResponse heartbeat(long revision) {
    return WatchProcessesResponse.newBuilder()
        .setEvent(dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_HEARTBEAT)
        .setRevision(revision)
        .build();
  }

  private static ProcessState wire(dev.forkyard.server.process.ProcessState state) {
    return ProcessState.valueOf("PROCESS_STATE_" + state.name());
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
