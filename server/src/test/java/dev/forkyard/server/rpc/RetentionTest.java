package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.ProcessClient.AT_ONCE;
import static dev.forkyard.server.testing.ProcessClient.command;
import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.Watcher;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.ListProcessesResponse;
import dev.forkyard.v1.ProcessEvent;
import dev.forkyard.v1.StartProcessResponse;
import dev.forkyard.v1.WatchProcessesRequest;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many processes that have ended are remembered. */
class RetentionTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final int MOST = 1000;
  private static ProcessClient processes;

  @BeforeAll
  static void start() {
    processes = new ProcessClient(DAEMON.channel());
  }

  @Test
  void oldestEndIsForgottenWithItsOutputWhenThereAreTooManyAndNobodyThatLives() throws Exception {
    Path output = DAEMON.get().directory().resolve("state/output");
    processes.start(command("alive", "sleep", "600"));
    processes.start(command("oldest", "echo", "old"));
    processes.ended("oldest");
    assertThat(OutputOnDisk.files(output, "oldest")).isNotEmpty();
    try (Watcher watcher =
        new Watcher(
            DAEMON.channel(), WatchProcessesRequest.newBuilder().setProcessId("oldest").build())) {
      watcher.list();
      endMany(MOST);
      assertThat(watcher.nextEvent().getEvent()).isEqualTo(ProcessEvent.PROCESS_EVENT_DELETED);
    }
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> processes.get("oldest"));
    await().atMost(TestDaemon.PATIENCE).until(() -> OutputOnDisk.files(output, "oldest").isEmpty());
    assertThat(listed()).hasSize(MOST + 1).contains("alive");
    processes.stop("alive", AT_ONCE);
    assertThat(listed()).hasSize(MOST).contains("alive");
  }

  private static void endMany(int count) throws Exception {
    for (int ended = 0; ended < count; ended += 50) {
      List<ListenableFuture<StartProcessResponse>> starts = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        starts.add(processes.futures().startProcess(command("", "true").build()));
      }
      for (ListenableFuture<StartProcessResponse> start : starts) {
        processes.ended(start.get(60, TimeUnit.SECONDS).getProcess().getProcessId());
      }
    }
  }

  private static List<String> listed() {
    List<String> ids = new ArrayList<>();
    ListProcessesRequest.Builder page = ListProcessesRequest.newBuilder().setPageSize(1000);
    do {
      ListProcessesResponse answer = processes.stub().listProcesses(page.build());
      answer.getProcessesList().forEach(process -> ids.add(process.getProcessId()));
      page.setPageToken(answer.getNextPageToken());
    } while (!page.getPageToken().isEmpty());
    return ids;
  }
}
