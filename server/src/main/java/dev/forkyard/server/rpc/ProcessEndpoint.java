package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.Parent;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.StartRequest;
import dev.forkyard.server.process.StopAnswer;
import dev.forkyard.server.process.WaitAnswer;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.worker.FunctionProcesses;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.CloseInputRequest;
import dev.forkyard.v1.CloseInputResponse;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.DeleteProcessResponse;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.FollowOutputResponse;
import dev.forkyard.v1.FunctionSpec;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.GetProcessResponse;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.ListProcessesResponse;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import dev.forkyard.v1.RestartProcessRequest;
import dev.forkyard.v1.RestartProcessResponse;
import dev.forkyard.v1.SignalProcessRequest;
import dev.forkyard.v1.SignalProcessResponse;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StartProcessResponse;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.StopProcessResponse;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WatchProcessesResponse;
import dev.forkyard.v1.WriteInputRequest;
import dev.forkyard.v1.WriteInputResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** ProcessService. */
final class ProcessEndpoint extends ProcessServiceGrpc.ProcessServiceImplBase {
  private final UnaryCalls calls;
  private final WatchStream.Context streams;
  private final ProcessManager processes;
  private final FunctionProcesses functions;
  private final Sessions sessions;
  private final IoCalls ioCalls;
  private final RequestMemory<ProcessSnapshot> starts;

  ProcessEndpoint(UnaryCalls calls, WatchStream.Context streams, IoCalls ioCalls, Yard yard) {
    this.calls = calls;
    this.ioCalls = ioCalls;
    this.streams = streams;
    this.processes = yard.processes();
    this.functions = yard.functions();
    this.sessions = yard.sessions();
    this.starts =
        RequestMemory.usual(
            yard.scheduler(),
            yard.waiters(),
            new RequestMemory.Answers<>(
                this::asItIsNow, process -> ProcessMessages.wire(process).getSerializedSize()));
  }

  @Override
  public void startProcess(
      StartProcessRequest request, StreamObserver<StartProcessResponse> observer) {
    calls.run(
        observer,
        reply ->
            starts.run(
                request.getRequestId(),
                request,
                reply.from(ProcessEndpoint::startResponse),
                first -> start(request, first)));
  }

  /** A process that was started, as it is now; as it was if it is not remembered. */
  private ProcessSnapshot asItIsNow(ProcessSnapshot started) {
    ProcessSnapshot now = processes.find(started.id());
    return now != null && now.firstRevision() == started.firstRevision() ? now : started;
  }

  private static StartProcessResponse startResponse(ProcessSnapshot process) {
    return StartProcessResponse.newBuilder().setProcess(ProcessMessages.wire(process)).build();
  }

  private void start(StartProcessRequest request, Reply<ProcessSnapshot> reply) {
    Owner owner = new Owner(sessions.getIfNamed(request.getOwnerSessionId()));
    Session caller = sessions.getIfNamed(request.getSessionId());
    ProcessOptions options = ProcessMessages.options(request);
    String id = request.getProcessId();
    switch (request.getTargetCase()) {
      case COMMAND ->
          processes.start(
              new StartRequest(
                  id, Commands.of(request.getCommand()), null, owner, Parent.of(caller), options),
              ProcessHooks.NONE,
              reply);
      case FUNCTION ->
          functions.start(function(id, request.getFunction(), owner, caller, options), reply);
      case TARGET_NOT_SET ->
          throw Fault.invalid("target", "There is nothing to run: set command.argv, or function.");
    }
  }

  private static FunctionProcesses.Request function(
      String id, FunctionSpec spec, Owner owner, @Nullable Session caller, ProcessOptions options) {
    if (spec.getFunction().getName().isEmpty()) {
      throw Fault.invalid(
          "function.function.name",
          "There is no function to run: set function.function.name, such as \"com.acme.Jobs::run\".");
    }
    if (spec.getArguments().hasData()) {
      throw Fault.invalid(
          "function.arguments",
          "A worker takes its arguments as JSON: set function.arguments.json to an array, such"
              + " as \"[]\".");
    }
    return new FunctionProcesses.Request(
        id,
        FunctionMessages.of(spec.getFunction()),
        PoolMessages.arguments("function.arguments", spec.getArguments()),
        FunctionMessages.of(spec.getWorker()),
        owner,
        caller,
        options);
  }

  @Override
  public void getProcess(GetProcessRequest request, StreamObserver<GetProcessResponse> observer) {
    calls.run(
        observer,
        reply -> {
          ProcessSnapshot process = processes.get(request.getProcessId());
          GetProcessResponse.Builder response =
              GetProcessResponse.newBuilder().setProcess(ProcessMessages.wire(process));
          if (process.outcome() != null) {
            response.setOutcome(ProcessMessages.wire(process.outcome()));
          }
          reply.answer(response.build());
        });
  }

  @Override
  public void listProcesses(
      ListProcessesRequest request, StreamObserver<ListProcessesResponse> observer) {
    calls.run(
        observer,
        reply -> {
          long revision = processes.revision();
          var page =
              processes.list(
                  request.getPageSize(), request.getPageToken(), ProcessMessages.filter(request));
          ListProcessesResponse.Builder response =
              ListProcessesResponse.newBuilder()
                  .setNextPageToken(page.nextToken())
                  .setRevision(revision);
          page.items().forEach(process -> response.addProcesses(ProcessMessages.wire(process)));
          reply.answer(response.build());
        });
  }

  @Override
  public void waitProcess(
      WaitProcessRequest request, StreamObserver<WaitProcessResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
          processes.await(
              request.getProcessId(), timeout, reply.from(ProcessEndpoint::waitResponse));
        });
  }

  private static WaitProcessResponse waitResponse(WaitAnswer answer) {
    ProcessSnapshot process = answer.process();
    WaitProcessResponse.Builder response =
        WaitProcessResponse.newBuilder()
            .setProcess(ProcessMessages.wire(process))
            .setTimedOut(answer.timedOut());
    if (process.outcome() != null) {
      response.setOutcome(ProcessMessages.wire(process.outcome()));
    }
    return response.build();
  }

  @Override
  public void watchProcesses(
      WatchProcessesRequest request, StreamObserver<WatchProcessesResponse> observer) {
    try {
      WatchStream.open(
          streams, processes, request, (ServerCallStreamObserver<WatchProcessesResponse>) observer);
    } catch (Fault refused) {
      observer.onError(Refusals.exception(refused));
    }
  }

  @Override
  public void signalProcess(
      SignalProcessRequest request, StreamObserver<SignalProcessResponse> observer) {
    calls.run(
        observer,
        reply ->
            processes.signal(
                request.getProcessId(),
                request.getSignal(),
                request.getWholeGroup(),
                reply.from(sent -> SignalProcessResponse.newBuilder().setSent(sent).build())));
  }

  @Override
  public void stopProcess(
      StopProcessRequest request, StreamObserver<StopProcessResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Duration grace = request.hasGrace() ? Times.duration("grace", request.getGrace()) : null;
          processes.stop(
              request.getProcessId(),
              grace,
              ExitCause.STOP_REQUESTED,
              reply.from(ProcessEndpoint::stopResponse));
        });
  }

  @Override
  public void restartProcess(
      RestartProcessRequest request, StreamObserver<RestartProcessResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Duration grace = request.hasGrace() ? Times.duration("grace", request.getGrace()) : null;
          processes.restart(
              request.getProcessId(), grace, reply.from(ProcessEndpoint::restartResponse));
        });
  }

  private static RestartProcessResponse restartResponse(ProcessSnapshot process) {
    return RestartProcessResponse.newBuilder().setProcess(ProcessMessages.wire(process)).build();
  }

  private static StopProcessResponse stopResponse(StopAnswer answer) {
    return StopProcessResponse.newBuilder()
        .setProcess(ProcessMessages.wire(answer.process()))
        .addAllSurvivorPids(answer.survivors())
        .build();
  }

  @Override
  public void writeInput(WriteInputRequest request, StreamObserver<WriteInputResponse> observer) {
    calls.run(observer, reply -> ioCalls.write(request, reply));
  }

  @Override
  public void closeInput(CloseInputRequest request, StreamObserver<CloseInputResponse> observer) {
    calls.run(observer, reply -> ioCalls.close(request, reply));
  }

  @Override
  public void followOutput(
      FollowOutputRequest request, StreamObserver<FollowOutputResponse> observer) {
    ioCalls.follow(request, observer);
  }

  @Override
  public StreamObserver<AttachProcessRequest> attachProcess(
      StreamObserver<AttachProcessResponse> observer) {
    return ioCalls.attach(observer);
  }

  @Override
  public void readOutput(ReadOutputRequest request, StreamObserver<ReadOutputResponse> observer) {
    calls.run(
        observer,
        reply ->
            processes.readOutput(
                request.getProcessId(),
                OutputMessages.of(request),
                reply.from(chunk -> OutputMessages.wire(chunk, request.getAsText()))));
  }

  @Override
  public void deleteProcess(
      DeleteProcessRequest request, StreamObserver<DeleteProcessResponse> observer) {
    calls.run(
        observer,
        reply -> {
          ProcessSnapshot process = processes.delete(request.getProcessId());
          reply.answer(
              DeleteProcessResponse.newBuilder().setProcess(ProcessMessages.wire(process)).build());
        });
  }
}
