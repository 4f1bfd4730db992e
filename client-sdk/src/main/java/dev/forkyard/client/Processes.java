package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.Use;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.ListProcessesResponse;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StartProcessResponse;
import dev.forkyard.v1.WatchProcessesRequest;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes and finds those that were started. Thread-safe.
 *
 * <p>A function is given as a reference to a method, {@link RemoteFunction1} says which ones will
 * do; it runs in a Java process of its own with the caller's class path, Java, working directory
 * and environment. Where a method has overloads, cast the reference to the interface that is meant.
 */
public final class Processes extends FunctionStarts {
  private static final int PAGE_SIZE = 1_000;
  private static final Set<dev.forkyard.v1.ProcessState> LIVING =
      EnumSet.of(
          dev.forkyard.v1.ProcessState.PROCESS_STATE_STARTING,
          dev.forkyard.v1.ProcessState.PROCESS_STATE_RUNNING,
          dev.forkyard.v1.ProcessState.PROCESS_STATE_STOPPING);

  private final Wire wire;
  private final FunctionOptions options;

  Processes(Wire wire) {
    this(wire, FunctionOptions.defaults());
  }

  private Processes(Wire wire, FunctionOptions options) {
    this.wire = wire;
    this.options = options;
  }

  /**
   * {@return the same, but functions are started with these options}
   *
   * <pre>{@code
   * yard.processes().with(FunctionOptions.defaults().id("greeter").daemon(true)).start(Tasks::greet, "kel");
   * }</pre>
   *
   * @param functionOptions how functions are started; commands have their {@link ProcessSpec}
   */
  public Processes with(FunctionOptions functionOptions) {
    return new Processes(wire, functionOptions);
  }

  /**
   * Starts a command. Not broken off by an interrupt, which stays set. If the connection breaks
   * meanwhile the start is repeated once; the daemon knows it again and starts one process.
   *
   * @param spec what to start
   * @return the process, running
   * @throws ForkyardException with reason PROGRAM_NOT_FOUND, PROGRAM_NOT_EXECUTABLE,
   *     BAD_WORKING_DIRECTORY, ARGUMENTS_TOO_LONG or SYSTEM_LIMIT if the operating system refuses,
   *     INVALID_ARGUMENT or UNKNOWN_SIGNAL if a value will not do, PROCESS_EXISTS if the id is
   *     taken, TOO_MANY_PROCESSES if the daemon has as many as it may
   */
  @CanIgnoreReturnValue
  public ManagedProcess start(ProcessSpec spec) {
    return new ManagedProcess(wire, Wire.join(begin(spec.toRequest(wire.sessionId()))));
  }

  /**
   * Starts a command, as {@link #start(ProcessSpec)} does, without waiting.
   *
   * @param spec what to start
   * @return completes on a thread of the SDK with the running process; cancelling it does not take
   *     the start back
   */
  public CompletableFuture<ManagedProcess> startAsync(ProcessSpec spec) {
    return wire.handOver(
        begin(spec.toRequest(wire.sessionId())), started -> new ManagedProcess(wire, started));
  }

  /**
   * Finds a process, living or remembered.
   *
   * @param id its id
   * @return the process
   * @throws ForkyardException with reason PROCESS_NOT_FOUND
   */
  public ManagedProcess get(String id) {
    ProcessInfo found =
        wire.call(
                ProcessServiceGrpc.getGetProcessMethod(),
                GetProcessRequest.newBuilder().setProcessId(id).build())
            .getProcess();
    return new ManagedProcess(wire, found);
  }

  /**
   * {@return the process that this program is} Empty in a program that the daemon has not started.
   *
   * @throws ForkyardException with reason PROCESS_NOT_FOUND in what is left of a process that has
   *     ended
   */
  public Optional<ManagedProcess> current() {
    return wire.processId().isEmpty() ? Optional.empty() : Optional.of(get(wire.processId()));
  }

  /**
   * {@return the process that has started the one that this program is} Empty in a program that the
   * daemon has not started, where the parent is no process of the daemon, as the main program
   * mostly is, and where it has ended and is forgotten. A worker of a pool has no parent.
   */
  public Optional<ManagedProcess> parent() {
    try {
      return current().flatMap(process -> process.info().parentProcessId()).map(this::get);
    } catch (ForkyardException e) {
      if (e.reason().equals("PROCESS_NOT_FOUND")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * {@return the living processes that this session has started, in order of their creation} Inside
   * a process they are its children, whichever of its connections has started them. Workers of
   * pools are not among them.
   */
  public List<ManagedProcess> active() {
    List<ManagedProcess> living = new ArrayList<>();
    ListProcessesRequest children =
        ListProcessesRequest.newBuilder()
            .setParentSessionId(wire.sessionId())
            .addAllStates(LIVING)
            .build();
    listAll(children, info -> living.add(new ManagedProcess(wire, info)));
    return living;
  }

  /** {@return the states of all processes, living and remembered, in order of their creation} */
  public List<ProcessSnapshot> list() {
    return list(Map.of());
  }

  /**
   * {@return the states of the processes that have all these labels, living and remembered, in
   * order of their creation}
   *
   * @param labels values by key
   */
  public List<ProcessSnapshot> list(Map<String, String> labels) {
    List<ProcessSnapshot> all = new ArrayList<>();
    listAll(
        ListProcessesRequest.newBuilder().putAllLabels(labels).build(),
        info -> all.add(ProcessSnapshot.of(info)));
    return all;
  }

  private void listAll(ListProcessesRequest which, Consumer<ProcessInfo> each) {
    String token = "";
    do {
      ListProcessesResponse page =
          wire.call(
              ProcessServiceGrpc.getListProcessesMethod(),
              which.toBuilder().setPageSize(PAGE_SIZE).setPageToken(token).build());
      page.getProcessesList().forEach(each);
      token = page.getNextPageToken();
    } while (!token.isEmpty());
  }

  /**
   * Watches all processes: tells which there are, then every change.
   *
   * @return the watch; close it to end it
   */
  public ProcessWatch watch() {
    return watch(Map.of());
  }

  /**
   * Watches the processes that have all these labels: tells which there are, then every change.
   *
   * @param labels values by key
   * @return the watch; close it to end it
   */
  public ProcessWatch watch(Map<String, String> labels) {
    return watch(labels, 0);
  }

  /**
   * Watches the processes that have all these labels: tells what happened after a revision. Begins
   * with a list if the daemon does not remember what happened since.
   *
   * @param labels values by key
   * @param afterRevision the {@link ProcessWatch#revision} of an earlier watch; 0 begins with a
   *     list
   * @return the watch; close it to end it
   */
  public ProcessWatch watch(Map<String, String> labels, long afterRevision) {
    return ProcessWatch.open(
        wire,
        WatchProcessesRequest.newBuilder()
            .putAllLabels(labels)
            .setAfterRevision(afterRevision)
            .build());
  }

  @Override
  <R extends @Nullable Object> FunctionProcess<R> startFunction(
      Serializable function, @Nullable Object... arguments) {
    FunctionReference reference = FunctionReference.of(function, Use.START);
    StartProcessRequest.Builder request = options.toRequest(wire.sessionId());
    request
        .getFunctionBuilder()
        .setFunction(Protos.function(reference))
        .setArguments(Values.encodeArguments(wire.codec(), arguments));
    return new FunctionProcess<>(wire, Wire.join(begin(request)), reference.resultType());
  }

  private CompletableFuture<ProcessInfo> begin(StartProcessRequest.Builder request) {
    request.setRequestId(UUID.randomUUID().toString()).setSessionId(wire.sessionId());
    return wire.startRepeatable(ProcessServiceGrpc.getStartProcessMethod(), request.build())
        .thenApply(StartProcessResponse::getProcess);
  }
}
