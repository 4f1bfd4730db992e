package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkCancel;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.ClosePoolRequest;
import dev.forkyard.v1.ClosePoolResponse;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.CreatePoolResponse;
import dev.forkyard.v1.DeletePoolRequest;
import dev.forkyard.v1.DeletePoolResponse;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.GetPoolResponse;
import dev.forkyard.v1.ListPoolsRequest;
import dev.forkyard.v1.ListPoolsResponse;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.ResizePoolRequest;
import dev.forkyard.v1.ResizePoolResponse;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.TerminatePoolResponse;
import dev.forkyard.v1.WaitPoolRequest;
import dev.forkyard.v1.WaitPoolResponse;
import dev.forkyard.v1.WatchPoolRequest;
import dev.forkyard.v1.WatchPoolResponse;
import dev.forkyard.v1.WorkerInfo;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A pool of two workers that squares numbers; negative ones fail, and of UNLUCKY it makes a text.
 * It answers as soon as as many chunks wait as it was told, the last one first.
 */
final class FakePool extends PoolServiceGrpc.PoolServiceImplBase {
  static final int UNLUCKY = 1_000_013;
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Semaphore chunksSeen = new Semaphore(0);
  private final Semaphore cancelsSeen = new Semaphore(0);
  private final Queue<Runnable> heldBack = new ConcurrentLinkedQueue<>();
  private volatile int answersAt;
  final List<Integer> chunkSizes = new CopyOnWriteArrayList<>();
  final List<String> arguments = new CopyOnWriteArrayList<>();
  final List<String> functions = new CopyOnWriteArrayList<>();
  final List<ChunkCancel> cancels = new CopyOnWriteArrayList<>();
  final List<CreatePoolRequest> creations = new CopyOnWriteArrayList<>();
  final List<String> operations = new CopyOnWriteArrayList<>();
  final List<PoolInfo> watched = new ArrayList<>();
  volatile boolean breaksOff;
  volatile boolean keepsBack;
  volatile boolean fails;
  volatile boolean terminated;
  volatile PoolInfo info =
      PoolInfo.newBuilder()
          .setPoolId("pool")
          .setSize(2)
          .setMaxQueuedCalls(100_000)
          .addWorkers(WorkerInfo.getDefaultInstance())
          .addWorkers(WorkerInfo.getDefaultInstance())
          .build();

  FakePool(int answersAt) {
    this.answersAt = answersAt;
  }

  void answerAt(int chunks) {
    answersAt = chunks;
  }

  /** Answers what waits, on the calling thread. */
  void answerAll() {
    heldBack.forEach(Runnable::run);
  }

  void awaitChunks(int count) throws InterruptedException {
    assertThat(chunksSeen.tryAcquire(count, 20, TimeUnit.SECONDS)).isTrue();
  }

  void awaitCancels(int count) throws InterruptedException {
    assertThat(cancelsSeen.tryAcquire(count, 20, TimeUnit.SECONDS)).isTrue();
  }

  @Override
  public void createPool(CreatePoolRequest request, StreamObserver<CreatePoolResponse> answer) {
    creations.add(request);
    answer(answer, CreatePoolResponse.newBuilder().setPool(info).build());
  }

  @Override
  public void getPool(GetPoolRequest request, StreamObserver<GetPoolResponse> answer) {
    answer(answer, GetPoolResponse.newBuilder().setPool(info).build());
  }

  @Override
  public void listPools(ListPoolsRequest request, StreamObserver<ListPoolsResponse> answer) {
    boolean isFirst = request.getPageToken().isEmpty();
    operations.add("list " + request.getLabelsMap());
    answer(
        answer,
        ListPoolsResponse.newBuilder()
            .addPools(info)
            .setNextPageToken(isFirst ? "more" : "")
            .build());
  }

  @Override
  public void resizePool(ResizePoolRequest request, StreamObserver<ResizePoolResponse> answer) {
    info = info.toBuilder().setSize(request.getWorkers()).clearWorkers().build();
    answer(answer, ResizePoolResponse.newBuilder().setPool(info).build());
  }

  @Override
  public void closePool(ClosePoolRequest request, StreamObserver<ClosePoolResponse> answer) {
    operations.add("close");
    answer(answer, ClosePoolResponse.newBuilder().setPool(info).build());
  }

  @Override
  public void waitPool(WaitPoolRequest request, StreamObserver<WaitPoolResponse> answer) {
    operations.add("wait");
    answer(answer, WaitPoolResponse.newBuilder().setPool(info).build());
  }

  @Override
  public void deletePool(DeletePoolRequest request, StreamObserver<DeletePoolResponse> answer) {
    operations.add("delete");
    answer(answer, DeletePoolResponse.newBuilder().setPool(info).build());
  }

  @Override
  public void watchPool(WatchPoolRequest request, StreamObserver<WatchPoolResponse> answer) {
    operations.add("watch " + Protos.duration(request.getInterval()));
    watched.forEach(state -> answer.onNext(WatchPoolResponse.newBuilder().setPool(state).build()));
    if (!watched.isEmpty()) {
      answer.onCompleted();
    }
  }

  @Override
  public void terminatePool(
      TerminatePoolRequest request, StreamObserver<TerminatePoolResponse> answer) {
    terminated = true;
    answer(answer, TerminatePoolResponse.getDefaultInstance());
  }

  @Override
  public StreamObserver<RunTasksRequest> runTasks(StreamObserver<RunTasksResponse> answers) {
    ArrayDeque<TaskChunk> waiting = new ArrayDeque<>();
    heldBack.add(() -> answerAll(waiting, answers));
    return new StreamObserver<>() {
      @Override
      public void onNext(RunTasksRequest request) {
        cancels.addAll(request.getCancelsList());
        cancelsSeen.release(request.getCancelsCount());
        for (TaskChunk chunk : request.getChunksList()) {
          chunkSizes.add(chunk.getCount());
          functions.add(chunk.getFunction().getName().replaceFirst(".*\\.", ""));
          arguments.add(chunk.getArguments().getJson());
          waiting.push(chunk);
          chunksSeen.release();
        }
        if (breaksOff && !waiting.isEmpty()) {
          answers.onError(Status.UNAVAILABLE.asRuntimeException());
        } else if (waiting.size() >= answersAt && !keepsBack) {
          answerAll(waiting, answers);
        }
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  private void answerAll(ArrayDeque<TaskChunk> waiting, StreamObserver<RunTasksResponse> answers) {
    waiting.forEach(chunk -> answers.onNext(run(chunk)));
    waiting.clear();
  }

  private static <R> void answer(StreamObserver<R> observer, R answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  private RunTasksResponse run(TaskChunk chunk) {
    RunTasksResponse.Builder response = RunTasksResponse.newBuilder();
    JsonNode calls = parse(chunk.getArguments().getJson());
    for (int index = calls.size() - 1; index >= 0; index--) {
      response.addOutcomes(outcome(chunk.getNumber(), index, argument(calls.get(index))));
    }
    return response.build();
  }

  private int argument(JsonNode arguments) {
    return fails ? -1 : arguments.path(0).asInt();
  }

  private static TaskOutcome outcome(int chunk, int index, int argument) {
    if (argument < 0) {
      Failure failure =
          Failure.newBuilder()
              .setKind(FailureKind.FAILURE_KIND_TASK_ERROR)
              .setType("Negative")
              .setMessage(Integer.toString(argument))
              .build();
      return TaskOutcome.newBuilder()
          .setFailure(CallFailure.newBuilder().setNumber(chunk).setIndex(index).setFailure(failure))
          .build();
    }
    String number = argument == UNLUCKY ? "\"unlucky\"" : Integer.toString(argument * argument);
    Payload result = Payload.newBuilder().setJson("[" + number + "]").build();
    return TaskOutcome.newBuilder()
        .setResults(
            ChunkResults.newBuilder()
                .setNumber(chunk)
                .setFirst(index)
                .setCount(1)
                .setResults(result))
        .build();
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
