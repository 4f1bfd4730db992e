package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.ShellTools;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.FunctionSpec;
import dev.forkyard.v1.GetTaskRequest;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.SubmitTasksRequest;
import dev.forkyard.v1.TaskInfo;
import dev.forkyard.v1.TaskState;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import dev.forkyard.v1.WaitTasksRequest;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerSpec;
import dev.forkyard.v1.WorkerState;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The worker of examples/shell-worker. */
class ShellWorkerTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static PoolClient tasks;

  @BeforeAll
  static void start() throws IOException {
    ShellTools.require();
    tasks = new PoolClient(DAEMON.channel());
  }

  private static WorkerSpec worker() {
    return PoolClient.command(ShellTools.HOME.resolve("examples/shell-worker/worker.sh").toString())
        .toBuilder()
        .putEnv("PATH", ShellTools.PATH)
        .build();
  }

  private static List<String> submit(String function, String... lists) {
    return tasks
        .stub()
        .submitTasks(
            SubmitTasksRequest.newBuilder()
                .setPoolId("shells")
                .setFunction(Function.newBuilder().setName(function))
                .addAllArguments(Stream.of(lists).map(PoolClient::json).toList())
                .build())
        .getTaskIdsList();
  }

  private static List<TaskInfo> ended(List<String> ids) {
    WaitTasksRequest wait =
        WaitTasksRequest.newBuilder().setPoolId("shells").addAllTaskIds(ids).build();
    return tasks.stub().waitTasks(wait).getTasksList();
  }

  @Test
  void poolOfShellWorkersRunsTasksAndSurvivesTheDeathOfOne() throws Exception {
    tasks.create(
        CreatePoolRequest.newBuilder().setPoolId("shells").setWorkers(2).setWorker(worker()));
    List<TaskInfo> upper =
        ended(submit("upper", "[\"kel, mae\"]", " [ \"json: x\" ]\n", "[\"a\\\"b\"]", "[1]"));
    assertThat(upper.get(0).getResult().getJson()).isEqualTo("\"KEL, MAE\"");
    assertThat(upper.get(1).getResult().getJson()).isEqualTo("\"JSON: X\"");
    assertThat(upper.subList(2, 4))
        .extracting(task -> task.getFailure().getKind())
        .containsOnly(FailureKind.FAILURE_KIND_DECODE_ERROR);
    Failure failed = ended(submit("fail", "[\"bad luck\"]")).get(0).getFailure();
    assertThat(failed.getMessage()).isEqualTo("bad luck");
    assertThat(failed.getKind()).isEqualTo(FailureKind.FAILURE_KIND_TASK_ERROR);
    assertThat(failed.getLanguage()).isEqualTo("sh");

    String pause = submit("pause", "[600]").get(0);
    WorkerInfo busy = awaitBusyWorker(pause);
    List<ProcessHandle> left = ProcessHandle.of(busy.getPid()).orElseThrow().children().toList();
    WorkerProcess.kill(busy.getPid());
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> left.stream().noneMatch(ProcessHandle::isAlive));
    Failure lost = ended(List.of(pause)).get(0).getFailure();
    assertThat(lost.getKind()).isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
    assertThat(lost.getWorkerProcessId()).isEqualTo(busy.getProcessId());
    assertThat(ended(submit("upper", "[\"a\"]", "[\"b\"]", "[\"c\"]")))
        .extracting(task -> task.getResult().getJson())
        .containsExactly("\"A\"", "\"B\"", "\"C\"");
    tasks.end("shells");
  }

  /** Waits until a worker has taken a call; it sleeps then, in a process of its own. */
  private static WorkerInfo awaitBusyWorker(String task) {
    GetTaskRequest get = GetTaskRequest.newBuilder().setPoolId("shells").setTaskId(task).build();
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () -> tasks.stub().getTask(get).getTask().getState() == TaskState.TASK_STATE_RUNNING);
    WorkerInfo busy =
        tasks.get("shells").getWorkersList().stream()
            .filter(worker -> worker.getState() == WorkerState.WORKER_STATE_BUSY)
            .findFirst()
            .orElseThrow();
    ProcessHandle shell = ProcessHandle.of(busy.getPid()).orElseThrow();
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> shell.children().anyMatch(ShellWorkerTest::sleeps));
    return busy;
  }

  private static boolean sleeps(ProcessHandle process) {
    return process.info().command().orElse("").contains("sleep");
  }

  @Test
  void functionProcessOfAShellWorkerEndsWithItsCall() {
    ProcessClient processes = new ProcessClient(DAEMON.channel());
    processes.start(process("good", "upper", "[\"kel\"]"));
    processes.start(process("bad", "fail", "[\"bad luck\"]"));
    WaitProcessResponse good = ended(processes, "good");
    assertThat(good.getOutcome().getResult().getJson()).isEqualTo("\"KEL\"");
    assertThat(good.getProcess().getExit().getCode()).isZero();
    WaitProcessResponse bad = ended(processes, "bad");
    assertThat(bad.getOutcome().getFailure().getMessage()).isEqualTo("bad luck");
    assertThat(bad.getProcess().getExit().getCode()).isEqualTo(1);
  }

  private static StartProcessRequest.Builder process(String id, String function, String list) {
    return StartProcessRequest.newBuilder()
        .setProcessId(id)
        .setFunction(
            FunctionSpec.newBuilder()
                .setFunction(Function.newBuilder().setName(function))
                .setArguments(PoolClient.json(list))
                .setWorker(worker()));
  }

  private static WaitProcessResponse ended(ProcessClient processes, String id) {
    return processes.stub().waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build());
  }
}
