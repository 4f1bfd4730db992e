package dev.forkyard.client;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.forkyard.client.internal.Refusals;
import dev.forkyard.v1.CloseInputRequest;
import dev.forkyard.v1.CloseInputResponse;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.FollowOutputResponse;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.GetProcessResponse;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.ListProcessesResponse;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.ProcessExit;
import dev.forkyard.v1.ProcessInfo;
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
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** One process that does what a test says. */
final class FakeProcesses extends ProcessServiceGrpc.ProcessServiceImplBase {
  final List<StartProcessRequest> starts = new CopyOnWriteArrayList<>();
  final List<StopProcessRequest> stops = new CopyOnWriteArrayList<>();
  final List<ListProcessesRequest> lists = new CopyOnWriteArrayList<>();
  final List<SignalProcessRequest> signals = new CopyOnWriteArrayList<>();
  final List<FollowOutputRequest> follows = new CopyOnWriteArrayList<>();
  final List<WatchProcessesRequest> watches = new CopyOnWriteArrayList<>();
  final List<ByteString> inputs = new CopyOnWriteArrayList<>();

  /** What the next follows and watches answer; a null ends with a broken connection. */
  final ArrayDeque<List<OutputPiece>> followScripts = new ArrayDeque<>();

  final ArrayDeque<List<WatchProcessesResponse>> watchScripts = new ArrayDeque<>();

  final CountDownLatch inputBlocked = new CountDownLatch(1);
  final CountDownLatch followGone = new CountDownLatch(1);
  final AtomicInteger brokenStarts = new AtomicInteger();
  volatile boolean inputFull;
  volatile boolean inputClosed;
  volatile ByteString output = ByteString.EMPTY;
  volatile long outputStart;
  volatile ProcessInfo info =
      ProcessInfo.newBuilder().setProcessId("p").setPid(11).setRun(1).setCwd("/").build();
  private final List<StreamObserver<WaitProcessResponse>> waiting = new CopyOnWriteArrayList<>();

  void exit(ProcessExit exit) {
    info = info.toBuilder().setExit(exit).build();
    waiting.forEach(
        waiter -> answer(waiter, WaitProcessResponse.newBuilder().setProcess(info).build()));
  }

  @Override
  public void startProcess(
      StartProcessRequest request, StreamObserver<StartProcessResponse> answer) {
    starts.add(request);
    if (brokenStarts.getAndDecrement() > 0) {
      answer.onError(Status.UNAVAILABLE.withDescription("broken").asRuntimeException());
    } else if (request.getCommand().getArgv(0).equals("ech")) {
      refuse(answer, "PROGRAM_NOT_FOUND");
    } else {
      answer(answer, StartProcessResponse.newBuilder().setProcess(info).build());
    }
  }

  @Override
  public void getProcess(GetProcessRequest request, StreamObserver<GetProcessResponse> answer) {
    answer(answer, GetProcessResponse.newBuilder().setProcess(info).build());
  }

  @Override
  public void listProcesses(
      ListProcessesRequest request, StreamObserver<ListProcessesResponse> answer) {
    lists.add(request);
    answer(answer, ListProcessesResponse.newBuilder().addProcesses(info).build());
  }

  @Override
  public void waitProcess(WaitProcessRequest request, StreamObserver<WaitProcessResponse> answer) {
    if (info.hasExit()) {
      answer(answer, WaitProcessResponse.newBuilder().setProcess(info).build());
    } else {
      waiting.add(answer);
    }
  }

  @Override
  public void signalProcess(
      SignalProcessRequest request, StreamObserver<SignalProcessResponse> answer) {
    signals.add(request);
    answer(answer, SignalProcessResponse.newBuilder().setSent(true).build());
  }

  @Override
  public void stopProcess(StopProcessRequest request, StreamObserver<StopProcessResponse> answer) {
    stops.add(request);
    exit(ProcessExit.newBuilder().setSignal("TERM").setRun(info.getRun()).build());
    answer(answer, StopProcessResponse.newBuilder().setProcess(info).addSurvivorPids(77).build());
  }

  @Override
  public void restartProcess(
      RestartProcessRequest request, StreamObserver<RestartProcessResponse> answer) {
    info = info.toBuilder().clearExit().setRun(2).setPid(12).build();
    answer(answer, RestartProcessResponse.newBuilder().setProcess(info).build());
  }

  @Override
  public void writeInput(WriteInputRequest request, StreamObserver<WriteInputResponse> answer) {
    if (inputClosed) {
      refuse(answer, "INPUT_CLOSED");
    } else if (inputFull) {
      inputBlocked.countDown();
    } else {
      inputs.add(request.getData());
      answer(answer, WriteInputResponse.getDefaultInstance());
    }
  }

  @Override
  public void closeInput(CloseInputRequest request, StreamObserver<CloseInputResponse> answer) {
    inputClosed = true;
    answer(answer, CloseInputResponse.getDefaultInstance());
  }

  @Override
  public void readOutput(ReadOutputRequest request, StreamObserver<ReadOutputResponse> answer) {
    long end = outputStart + output.size();
    long asked = request.hasTailBytes() ? end - request.getTailBytes() : request.getCursor();
    long from = Math.max(asked, outputStart);
    long to = Math.min(end, from + request.getMaxBytes());
    ByteString read = output.substring((int) (from - outputStart), (int) (to - outputStart));
    answer(
        answer,
        ReadOutputResponse.newBuilder()
            .setData(read)
            .setNextCursor(to)
            .setEnd(to == end)
            .setDroppedBytes(request.hasTailBytes() ? 0 : from - asked)
            .build());
  }

  @Override
  public void followOutput(
      FollowOutputRequest request, StreamObserver<FollowOutputResponse> answer) {
    follows.add(request);
    ((ServerCallStreamObserver<FollowOutputResponse>) answer)
        .setOnCancelHandler(followGone::countDown);
    List<OutputPiece> script = followScripts.remove();
    for (OutputPiece piece : script) {
      answer.onNext(FollowOutputResponse.newBuilder().setOutput(piece).build());
      if (piece.getEnd()) {
        answer.onCompleted();
      }
    }
    if (script.isEmpty() || !script.get(script.size() - 1).getEnd()) {
      endScript(answer, followScripts.isEmpty());
    }
  }

  @Override
  public void watchProcesses(
      WatchProcessesRequest request, StreamObserver<WatchProcessesResponse> answer) {
    watches.add(request);
    watchScripts.remove().forEach(answer::onNext);
    if (!watchScripts.isEmpty()) {
      refuse(answer, "WATCH_TOO_SLOW");
    }
  }

  /** Waits for ever in the last script, else breaks the connection. */
  private static void endScript(StreamObserver<?> answer, boolean last) {
    if (!last) {
      answer.onError(Status.UNAVAILABLE.withDescription("broken").asRuntimeException());
    }
  }

  private static <R> void answer(StreamObserver<R> observer, R answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  private static void refuse(StreamObserver<?> answer, String reason) {
    answer.onError(Refusals.of(Code.FAILED_PRECONDITION, reason, "as the test wants", Map.of()));
  }
}
