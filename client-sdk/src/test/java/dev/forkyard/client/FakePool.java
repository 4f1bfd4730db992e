package dev.forkyard.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.CreatePoolResponse;
import dev.forkyard.v1.DeletePoolRequest;
import dev.forkyard.v1.DeletePoolResponse;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.TerminatePoolResponse;
import dev.forkyard.v1.WorkerInfo;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A pool of two workers that squares numbers; negative ones fail. It answers the chunks of a stream
 * in reverse when the stream is half-closed, or each at once.
 */
final class FakePool extends PoolServiceGrpc.PoolServiceImplBase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final boolean reversed;
  final List<Integer> chunkSizes = Collections.synchronizedList(new ArrayList<>());
  volatile boolean breaksOff;
  volatile boolean keepsBack;
  volatile boolean terminated;

  FakePool(boolean reversed) {
    this.reversed = reversed;
  }

  @Override
  public void createPool(CreatePoolRequest request, StreamObserver<CreatePoolResponse> answer) {
    PoolInfo pool =
        PoolInfo.newBuilder()
            .setPoolId("pool")
            .addWorkers(WorkerInfo.getDefaultInstance())
            .addWorkers(WorkerInfo.getDefaultInstance())
            .build();
    answer.onNext(CreatePoolResponse.newBuilder().setPool(pool).build());
    answer.onCompleted();
  }

  @Override
  public void terminatePool(
      TerminatePoolRequest request, StreamObserver<TerminatePoolResponse> answer) {
    terminated = true;
    answer.onNext(TerminatePoolResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public void deletePool(DeletePoolRequest request, StreamObserver<DeletePoolResponse> answer) {
    answer.onNext(DeletePoolResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public StreamObserver<RunTasksRequest> runTasks(StreamObserver<RunTasksResponse> answers) {
    ArrayDeque<TaskChunk> waiting = new ArrayDeque<>();
    return new StreamObserver<>() {
      @Override
      public void onNext(RunTasksRequest request) {
        for (TaskChunk chunk : request.getChunksList()) {
          chunkSizes.add(chunk.getCount());
          if (breaksOff) {
            answers.onError(Status.UNAVAILABLE.asRuntimeException());
          } else if (reversed) {
            waiting.push(chunk);
          } else {
            answers.onNext(run(chunk));
          }
        }
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        if (keepsBack) {
          return;
        }
        waiting.forEach(chunk -> answers.onNext(run(chunk)));
        answers.onCompleted();
      }
    };
  }

  private static RunTasksResponse run(TaskChunk chunk) {
    RunTasksResponse.Builder response = RunTasksResponse.newBuilder();
    JsonNode calls = parse(chunk.getArguments().getJson());
    for (int index = calls.size() - 1; index >= 0; index--) {
      response.addOutcomes(outcome(chunk.getNumber(), index, calls.get(index).get(0).asInt()));
    }
    return response.build();
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
    Payload result = Payload.newBuilder().setJson("[" + argument * argument + "]").build();
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
