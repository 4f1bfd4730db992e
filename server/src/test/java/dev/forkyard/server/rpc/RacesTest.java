package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.ProcessClient.AT_ONCE;
import static dev.forkyard.server.testing.ProcessClient.command;
import static dev.forkyard.server.testing.ProcessClient.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.SignalProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.StopProcessResponse;
import dev.forkyard.v1.WaitProcessRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls that start, stop, restart and delete one process, all at once. */
class RacesTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static ProcessClient processes;

  @BeforeAll
  static void start() {
    processes = new ProcessClient(DAEMON.channel());
  }

  private static String outcome(ListenableFuture<?> call) throws Exception {
    try {
      call.get(60, TimeUnit.SECONDS);
      return "DONE";
    } catch (ExecutionException refused) {
      return Refusals.reason(Objects.requireNonNull(refused.getCause()));
    }
  }

  private static ListenableFuture<?> anyCall(Random random, String id) {
    var futures = processes.futures();
    return switch (random.nextInt(6)) {
      case 0 -> futures.startProcess(command(id, "sleep", "600").build());
      case 1 -> futures.restartProcess(restarting(id, AT_ONCE));
      case 2 -> futures.stopProcess(stopping(id));
      case 3 -> futures.deleteProcess(DeleteProcessRequest.newBuilder().setProcessId(id).build());
      case 4 ->
          futures.signalProcess(
              SignalProcessRequest.newBuilder().setProcessId(id).setSignal("KILL").build());
      default ->
          futures.waitProcess(
              WaitProcessRequest.newBuilder().setProcessId(id).setTimeout(AT_ONCE).build());
    };
  }

  private static StopProcessRequest stopping(String id) {
    return StopProcessRequest.newBuilder().setProcessId(id).setGrace(AT_ONCE).build();
  }

  @Test
  void everyCallIsAnsweredWithWhatItDidOrWhyNot() throws Exception {
    long seed = 4711;
    Random random = new Random(seed);
    for (int round = 0; round < 10; round++) {
      String id = "raced-" + round;
      List<ListenableFuture<?>> calls = new ArrayList<>();
      calls.add(processes.futures().startProcess(command(id, "sleep", "600").build()));
      for (int i = 0; i < 30; i++) {
        calls.add(anyCall(random, id));
      }
      for (ListenableFuture<?> call : calls) {
        assertThat(outcome(call))
            .as("round %s of seed %s", round, seed)
            .isIn(
                "DONE",
                "PROCESS_EXISTS",
                "PROCESS_NOT_FOUND",
                "PROCESS_RUNNING",
                "PROCESS_RESTARTING",
                "RESTART_CALLED_OFF");
      }
      assertEndsAndIsForgotten(id);
    }
  }

  private static void assertEndsAndIsForgotten(String id) throws Exception {
    ListenableFuture<StopProcessResponse> stop = processes.futures().stopProcess(stopping(id));
    if (outcome(stop).equals("DONE")) {
      assertThat(stop.get().getProcess().getState()).isEqualTo(ProcessState.PROCESS_STATE_EXITED);
      processes.delete(id);
    }
  }

  @Test
  void oneOfManyStartsUnderOneIdWins() throws Exception {
    for (int round = 0; round < 5; round++) {
      String id = "started-" + round;
      List<ListenableFuture<?>> starts = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        starts.add(processes.futures().startProcess(command(id, "sleep", "600").build()));
      }
      List<String> outcomes = new ArrayList<>();
      for (ListenableFuture<?> start : starts) {
        outcomes.add(outcome(start));
      }
      assertThat(outcomes).containsOnlyOnce("DONE").containsOnly("DONE", "PROCESS_EXISTS");
      processes.stop(id, AT_ONCE);
    }
  }

  @Test
  void oneOfManyRestartsOfALivingProcessWinsAtATime() throws Exception {
    for (int round = 0; round < 5; round++) {
      String id = "restarted-" + round;
      processes.start(command(id, "sleep", "600"));
      List<ListenableFuture<?>> restarts = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        restarts.add(processes.futures().restartProcess(restarting(id, AT_ONCE)));
      }
      List<String> outcomes = new ArrayList<>();
      for (ListenableFuture<?> restart : restarts) {
        outcomes.add(outcome(restart));
      }
      assertThat(outcomes).contains("DONE").containsOnly("DONE", "PROCESS_RESTARTING");
      long done = outcomes.stream().filter("DONE"::equals).count();
      assertThat(processes.stop(id, AT_ONCE).getProcess().getRun()).isEqualTo((int) done + 1);
    }
  }
}
