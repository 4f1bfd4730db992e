package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.ProcessClient.A_MINUTE;
import static dev.forkyard.server.testing.ProcessClient.command;
import static dev.forkyard.server.testing.ProcessClient.restarting;
import static dev.forkyard.server.testing.ProcessClient.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.forkyard.server.testing.Attachment;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.Watcher;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StdinMode;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WriteInputRequest;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the callers of ProcessService are told when the daemon ends. */
class EndOfDaemonTest {
  private static final String STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

  private static String refusal(ListenableFuture<?> call) throws Exception {
    try {
      return "answered: " + call.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException refused) {
      return Refusals.reason(Objects.requireNonNull(refused.getCause()));
    }
  }

  private static StartProcessRequest.Builder sleeper(String id) {
    StartProcessRequest.Builder request = command(id, "sleep", "600");
    request.getCommandBuilder().setStdin(StdinMode.STDIN_MODE_PIPE);
    return request;
  }

  private static void awaitState(ProcessClient processes, String id, ProcessState state) {
    await().atMost(TestDaemon.PATIENCE).until(() -> processes.get(id).getState() == state);
  }

  @Test
  void everyCallThatWaitsIsAnswered() throws Exception {
    try (TestDaemon daemon = TestDaemon.start()) {
      ProcessClient processes = new ProcessClient(daemon.channel());
      processes.start(script("restarted", STUBBORN));
      processes.start(script("stopped", STUBBORN));
      processes.start(sleeper("fed"));
      processes.start(sleeper("joined"));
      processes.awaitText("restarted", "ready");
      processes.awaitText("stopped", "ready");
      var restart = processes.futures().restartProcess(restarting("restarted", A_MINUTE));
      awaitState(processes, "restarted", ProcessState.PROCESS_STATE_STOPPING);
      var stop =
          processes
              .futures()
              .stopProcess(
                  StopProcessRequest.newBuilder()
                      .setProcessId("stopped")
                      .setGrace(A_MINUTE)
                      .build());
      awaitState(processes, "stopped", ProcessState.PROCESS_STATE_STOPPING);
      WriteInputRequest megabyte =
          WriteInputRequest.newBuilder()
              .setProcessId("fed")
              .setData(ByteString.copyFrom(new byte[1 << 20]))
              .build();
      processes.stub().writeInput(megabyte);
      var write = processes.futures().writeInput(megabyte);
      Attachment attachment = Attachment.to(daemon.channel(), "joined");
      attachment.attached();
      Watcher watcher = new Watcher(daemon.channel(), WatchProcessesRequest.getDefaultInstance());
      watcher.list();
      PoolClient pools = new PoolClient(daemon.channel());
      pools.create("pool", 1, "sleep", "600");
      PoolClient.Calls run = pools.run("pool");
      run.chunk(0, "f", "[]");
      await().atMost(TestDaemon.PATIENCE).until(() -> pools.get("pool").getCallsQueued() == 1);
      await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls(daemon) >= 3);

      daemon.signal("TERM");

      assertThat(refusal(restart)).isEqualTo("RESTART_CALLED_OFF");
      // the end of its process may be told in time, or not
      assertThat(refusal(stop)).matches("(?s)DAEMON_STOPPING|answered: .*signal: \"KILL\".*");
      assertThat(refusal(write)).isEqualTo("INPUT_CLOSED");
      if (attachment.status().isOk()) {
        assertThat(attachment.exited().getExit().getCause())
            .isEqualTo(ExitCause.EXIT_CAUSE_DAEMON_STOPPED);
      } else {
        assertThat(Refusals.reason(attachment.failure())).isEqualTo("DAEMON_STOPPING");
      }
      assertThat(Refusals.reason(watcher.failure())).isEqualTo("DAEMON_STOPPING");
      assertThat(Refusals.reason(run.failure())).isEqualTo("DAEMON_STOPPING");
    }
  }

  private static int waitingCalls(TestDaemon daemon) {
    return daemon.counts().getWaitingCalls();
  }

  @Test
  void watchOfTheNextDaemonBeginsWithAListForARevisionOfTheOneBefore() throws Exception {
    long before;
    try (TestDaemon first = TestDaemon.start()) {
      ProcessClient processes = new ProcessClient(first.channel());
      processes.start(command("first", "true"));
      before = processes.ended("first").getRevision();
    }
    try (TestDaemon next = TestDaemon.start()) {
      ProcessClient processes = new ProcessClient(next.channel());
      processes.start(command("next", "true"));
      assertThat(processes.ended("next").getRevision()).isGreaterThan(before);
      WatchProcessesRequest on =
          WatchProcessesRequest.newBuilder().setAfterRevision(before).build();
      try (Watcher watcher = new Watcher(next.channel(), on)) {
        assertThat(watcher.list())
            .extracting(message -> message.getProcess().getProcessId())
            .containsExactly("next", "");
      }
    }
  }
}
