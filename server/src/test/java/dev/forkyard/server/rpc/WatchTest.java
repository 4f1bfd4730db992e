package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.ProcessClient.AT_ONCE;
import static dev.forkyard.server.testing.ProcessClient.command;
import static dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_DELETED;
import static dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_EXITED;
import static dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_HEARTBEAT;
import static dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_LISTED;
import static dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_LIST_COMPLETE;
import static dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_STARTED;
import static dev.forkyard.v1.ProcessEvent.PROCESS_EVENT_STOPPING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Duration;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.Watcher;
import dev.forkyard.v1.ProcessEvent;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.StartProcessResponse;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WatchProcessesResponse;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** WatchProcesses: a list, then every change, in order and without gap. */
class WatchTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final WatchProcessesRequest ALL = WatchProcessesRequest.getDefaultInstance();
  private static ProcessClient processes;

  @BeforeAll
  static void start() {
    processes = new ProcessClient(DAEMON.channel());
  }

  private static Watcher watch(WatchProcessesRequest request) {
    return new Watcher(DAEMON.channel(), request);
  }

  private static WatchProcessesRequest only(String id) {
    return WatchProcessesRequest.newBuilder().setProcessId(id).build();
  }

  private static List<ProcessEvent> events(List<WatchProcessesResponse> messages) {
    return messages.stream().map(WatchProcessesResponse::getEvent).toList();
  }

  @Test
  void watchListsWhatIsThereAndThenTellsOfEveryChange() {
    processes.start(command("listed", "sleep", "600"));
    try (Watcher watcher = watch(only("listed"))) {
      assertThat(events(watcher.list()))
          .containsExactly(PROCESS_EVENT_LISTED, PROCESS_EVENT_LIST_COMPLETE);
      processes.stop("listed", AT_ONCE);
      processes.delete("listed");
      List<WatchProcessesResponse> changes = watcher.until(PROCESS_EVENT_DELETED, "listed");
      assertThat(events(changes))
          .containsExactly(PROCESS_EVENT_STOPPING, PROCESS_EVENT_EXITED, PROCESS_EVENT_DELETED);
      assertThat(changes.get(0).getProcess().getState())
          .isEqualTo(ProcessState.PROCESS_STATE_STOPPING);
      assertThat(changes.get(1).getProcess().getExit().getSignal()).isEqualTo("KILL");
      assertThat(changes.get(1).getRevision()).isEqualTo(changes.get(1).getProcess().getRevision());
    }
  }

  @Test
  void startedIsAlwaysToldBeforeExitedAndEveryWaitAnswers() throws Exception {
    Map<String, ProcessEvent> seen = new HashMap<>();
    try (Watcher watcher = watch(ALL)) {
      watcher.list();
      for (int wave = 0; wave < 80; wave++) {
        List<ListenableFuture<StartProcessResponse>> starts = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
          starts.add(processes.futures().startProcess(command("", "true").build()));
        }
        for (ListenableFuture<StartProcessResponse> start : starts) {
          String id = start.get(60, TimeUnit.SECONDS).getProcess().getProcessId();
          assertThat(processes.ended(id).getExit().getCode()).isZero();
        }
      }
      int exits = 0;
      while (exits < 2000) {
        WatchProcessesResponse message = watcher.next();
        String id = message.getProcess().getProcessId();
        if (message.getEvent() == PROCESS_EVENT_STARTED) {
          assertThat(seen.put(id, PROCESS_EVENT_STARTED)).isNull();
        } else if (message.getEvent() == PROCESS_EVENT_EXITED) {
          assertThat(seen.put(id, PROCESS_EVENT_EXITED)).isEqualTo(PROCESS_EVENT_STARTED);
          exits++;
        }
      }
    }
    assertThat(ProcessHandle.of(DAEMON.get().process().pid()).orElseThrow().children().count())
        .as("children: only the guard")
        .isEqualTo(1);
  }

  @Test
  void watchThatBeginsWhileProcessesComeAndGoTellsEachEventOnceAndInOrder() throws Exception {
    List<ListenableFuture<StartProcessResponse>> starts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      starts.add(processes.futures().startProcess(command("mixed-" + i, "true").build()));
    }
    try (Watcher watcher = watch(ALL)) {
      Map<String, Boolean> ended = new HashMap<>();
      for (WatchProcessesResponse message : watcher.list()) {
        if (message.hasProcess()) {
          boolean over = message.getProcess().getState() == ProcessState.PROCESS_STATE_EXITED;
          assertThat(ended.put(message.getProcess().getProcessId(), over)).isNull();
        }
      }
      for (ListenableFuture<StartProcessResponse> start : starts) {
        start.get(60, TimeUnit.SECONDS);
      }
      while (mixedEnds(ended) < 200) {
        WatchProcessesResponse message = watcher.next();
        boolean exits = message.getEvent() == PROCESS_EVENT_EXITED;
        Boolean before = ended.put(message.getProcess().getProcessId(), exits);
        assertThat(before).as("%s", message).isEqualTo(exits ? Boolean.FALSE : null);
      }
    }
  }

  private static long mixedEnds(Map<String, Boolean> ended) {
    return ended.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("mixed-") && entry.getValue())
        .count();
  }

  @Test
  void watchGoesOnAfterARevision() {
    processes.start(command("resumed", "sleep", "600"));
    long revision;
    try (Watcher watcher = watch(only("resumed"))) {
      watcher.list();
      processes.signal("resumed", "KILL");
      revision = watcher.until(PROCESS_EVENT_EXITED, "resumed").get(0).getRevision();
    }
    processes.delete("resumed");
    processes.start(command("resumed", "true"));
    processes.ended("resumed");
    WatchProcessesRequest after = only("resumed").toBuilder().setAfterRevision(revision).build();
    try (Watcher watcher = watch(after)) {
      assertThat(events(watcher.until(PROCESS_EVENT_EXITED, "resumed")))
          .containsExactly(PROCESS_EVENT_DELETED, PROCESS_EVENT_STARTED, PROCESS_EVENT_EXITED);
    }
  }

  @Test
  void unknownRevisionBeginsWithAList() {
    for (long unknown : new long[] {1, Long.MAX_VALUE, -1}) {
      try (Watcher watcher = watch(only("none").toBuilder().setAfterRevision(unknown).build())) {
        assertThat(watcher.next().getEvent()).isEqualTo(PROCESS_EVENT_LIST_COMPLETE);
      }
    }
  }

  @Test
  void watchCanBeOfLabelsOnly() {
    try (Watcher watcher = watch(ALL.toBuilder().putLabels("team", "kel").build())) {
      processes.start(command("other", "true").putLabels("team", "un"));
      processes.ended("other");
      processes.start(command("ours", "true").putLabels("team", "kel").putLabels("x", "y"));
      Set<String> told = new HashSet<>();
      watcher
          .until(PROCESS_EVENT_EXITED, "ours")
          .forEach(message -> told.add(message.getProcess().getProcessId()));
      assertThat(told).containsExactlyInAnyOrder("", "ours");
    }
  }

  @Test
  void silenceIsBrokenByAHeartbeat() {
    WatchProcessesRequest quiet =
        only("none").toBuilder().setHeartbeat(Duration.newBuilder().setSeconds(1)).build();
    try (Watcher watcher = watch(quiet)) {
      long listed = watcher.next().getRevision();
      WatchProcessesResponse beat = watcher.next();
      assertThat(beat.getEvent()).isEqualTo(PROCESS_EVENT_HEARTBEAT);
      assertThat(beat.getRevision()).isGreaterThanOrEqualTo(listed);
    }
    try (Watcher watcher = watch(only("none").toBuilder().setHeartbeat(AT_ONCE).build())) {
      assertThat(Refusals.reason(watcher.failure())).isEqualTo("INVALID_ARGUMENT");
    }
  }

  @Test
  void watcherThatDoesNotReadIsCutWhenItsPlaceIsForgotten() {
    String large = "x".repeat(100_000);
    try (Watcher slow = new Watcher(DAEMON.channel(), ALL, 1)) {
      for (int i = 0; i < 400; i++) {
        processes.start(command("large-" + i, "true", large));
        processes.ended("large-" + i);
        processes.delete("large-" + i);
      }
      slow.read(Integer.MAX_VALUE);
      Throwable cut = slow.failure();
      assertThat(Status.fromThrowable(cut).getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(Refusals.reason(cut)).isEqualTo("WATCH_TOO_SLOW");
    }
  }
}
