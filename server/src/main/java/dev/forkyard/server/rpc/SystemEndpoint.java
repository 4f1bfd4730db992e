package dev.forkyard.server.rpc;

import dev.forkyard.v1.Counts;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.GetSystemInfoResponse;
import dev.forkyard.v1.Limits;
import dev.forkyard.v1.SystemServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** SystemService. */
final class SystemEndpoint extends SystemServiceGrpc.SystemServiceImplBase {
  private static final List<String> CAPABILITIES =
      List.of(
          "process.command",
          "process.function.java",
          "process.function.command",
          "pool",
          "pool.submit",
          "queue",
          "pipe");

  private final UnaryCalls calls;
  private final Yard yard;

  SystemEndpoint(UnaryCalls calls, Yard yard) {
    this.calls = calls;
    this.yard = yard;
  }

  @Override
  public void getSystemInfo(
      GetSystemInfoRequest request, StreamObserver<GetSystemInfoResponse> observer) {
    calls.run(
        observer,
        reply ->
            reply.answer(
                GetSystemInfoResponse.newBuilder()
                    .setVersion(yard.about().version())
                    .setInstanceId(yard.about().instanceId())
                    .setPid((int) ProcessHandle.current().pid())
                    .setStartTime(Times.wire(yard.about().startTime()))
                    .setJavaVersion(Runtime.version().toString())
                    .setProcessors(Runtime.getRuntime().availableProcessors())
                    .setLimits(limits())
                    .addAllCapabilities(CAPABILITIES)
                    .setCounts(counts())
                    .build()));
  }

  private Limits limits() {
    YardLimits limits = yard.limits();
    return Limits.newBuilder()
        .setMessageBytes(limits.messageBytes())
        .setProcesses(limits.processes())
        .setWaitingCalls(limits.waitingCalls())
        .setQueues(limits.queues())
        .setPipes(limits.pipes())
        .setPoolWorkers(limits.poolWorkers())
        .setPools(limits.pools())
        .setSessions(limits.sessions())
        .build();
  }

  private Counts counts() {
    return Counts.newBuilder()
        .setSessions(yard.sessions().size())
        .setProcesses(yard.processes().living())
        .setPools(yard.pools().size())
        .setQueues(yard.queues().size())
        .setPipes(yard.pipes().size())
        .setWaitingCalls(yard.waiters().waiting())
        .build();
  }
}
