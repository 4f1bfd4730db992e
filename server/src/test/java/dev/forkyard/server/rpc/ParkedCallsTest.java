package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.ProcessClient.AT_ONCE;
import static dev.forkyard.server.testing.ProcessClient.command;
import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.Watcher;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.SubmitTasksRequest;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import dev.forkyard.v1.WaitTasksRequest;
import dev.forkyard.v1.WatchPoolRequest;
import dev.forkyard.v1.WatchProcessesRequest;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As many waiting calls as the daemon takes, and one more. */
class ParkedCallsTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final int LIMIT = 10_000;
  private static ProcessClient processes;

  @BeforeAll
  static void start() {
    processes = new ProcessClient(DAEMON.channel());
  }

  private static int waitingCalls() {
    return DAEMON.get().counts().getWaitingCalls();
  }

  private static void assertTooMany(ThrowingCallable call) {
    assertRefused(Code.RESOURCE_EXHAUSTED, "TOO_MANY_WAITERS", call);
  }

  @Test
  void oneCallTooManyIsRefusedWithTheLimitAndTheOthersAreAnswered() throws Exception {
    PoolClient pools = new PoolClient(DAEMON.channel());
    pools.create("closing", 1, "sleep", "600");
    SubmitTasksRequest submission =
        SubmitTasksRequest.newBuilder()
            .setPoolId("closing")
            .setFunction(Function.newBuilder().setName("f"))
            .addArguments(PoolClient.json("[]"))
            .build();
    String task = pools.stub().submitTasks(submission).getTaskIds(0);
    pools.close("closing");
    pools.create("open", 1, "sleep", "600");
    processes.start(command("awaited", "sleep", "600"));
    WaitProcessRequest wait = WaitProcessRequest.newBuilder().setProcessId("awaited").build();
    List<ListenableFuture<WaitProcessResponse>> waits = new ArrayList<>();
    for (int i = 0; i < LIMIT; i++) {
      waits.add(processes.futures().waitProcess(wait));
    }
    await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls() == LIMIT);
    Throwable refused = catchThrowable(() -> processes.ended("awaited"));
    assertThat(Refusals.reason(refused)).isEqualTo("TOO_MANY_WAITERS");
    assertThat(String.valueOf(StatusProto.fromThrowable(refused))).contains("10000");
    WatchPoolRequest watch = WatchPoolRequest.newBuilder().setPoolId("closing").build();
    assertTooMany(() -> pools.stub().watchPool(watch).next());
    assertTooMany(() -> pools.ended("closing"));
    assertTooMany(
        () ->
            pools
                .stub()
                .waitTasks(
                    WaitTasksRequest.newBuilder().setPoolId("closing").addTaskIds(task).build()));
    assertTooMany(() -> pools.stub().submitTasks(submission.toBuilder().setPoolId("open").build()));
    pools.end("closing");
    pools.end("open");
    try (Watcher watcher =
        new Watcher(DAEMON.channel(), WatchProcessesRequest.getDefaultInstance())) {
      assertThat(Refusals.reason(watcher.failure())).isEqualTo("TOO_MANY_WAITERS");
    }
    processes.stop("awaited", AT_ONCE);
    for (ListenableFuture<WaitProcessResponse> answer : waits) {
      assertThat(answer.get(60, TimeUnit.SECONDS).getProcess().hasExit()).isTrue();
    }
    try (Watcher watcher =
        new Watcher(DAEMON.channel(), WatchProcessesRequest.getDefaultInstance())) {
      watcher.list();
    }
  }
}
