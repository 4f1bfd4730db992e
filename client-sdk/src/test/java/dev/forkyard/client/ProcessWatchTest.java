package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.v1.ProcessEvent;
import dev.forkyard.v1.WatchProcessesResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessWatchTest {
  private final FakeProcesses fake = new FakeProcesses();
  private FakeDaemon daemon;
  private Forkyard yard;

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(new FakeSession(), fake);
    yard = Forkyard.connect(daemon.address());
  }

  @AfterEach
  void disconnect() throws Exception {
    yard.close();
    daemon.close();
  }

  private WatchProcessesResponse event(ProcessEvent event, long revision) {
    return WatchProcessesResponse.newBuilder()
        .setEvent(event)
        .setRevision(revision)
        .setProcess(fake.info)
        .build();
  }

  private static WatchProcessesResponse bare(ProcessEvent event, long revision) {
    return WatchProcessesResponse.newBuilder().setEvent(event).setRevision(revision).build();
  }

  @Test
  void eventsComeInOrderAndSignsOfLifeAreNotSeen() throws Exception {
    fake.watchScripts.add(
        List.of(
            event(ProcessEvent.PROCESS_EVENT_LISTED, 0),
            bare(ProcessEvent.PROCESS_EVENT_LIST_COMPLETE, 5),
            event(ProcessEvent.PROCESS_EVENT_STARTED, 6),
            bare(ProcessEvent.PROCESS_EVENT_HEARTBEAT, 7),
            event(ProcessEvent.PROCESS_EVENT_STOPPING, 8),
            event(ProcessEvent.PROCESS_EVENT_EXITED, 9),
            event(ProcessEvent.PROCESS_EVENT_DELETED, 10),
            bare(ProcessEvent.PROCESS_EVENT_HEARTBEAT, 11)));
    try (ProcessWatch watch = yard.processes().watch()) {
      ProcessWatch.Event first = watch.next();
      assertThat(first.kind()).isEqualTo(ProcessWatch.Kind.LISTED);
      assertThat(first.process().orElseThrow().id()).isEqualTo("p");
      assertThat(watch.next().process()).isEmpty();
      assertThat(watch.revision()).isEqualTo(5);
      assertThat(watch.next().kind()).isEqualTo(ProcessWatch.Kind.STARTED);
      assertThat(watch.next().kind()).isEqualTo(ProcessWatch.Kind.STOPPING);
      assertThat(watch.next().kind()).isEqualTo(ProcessWatch.Kind.EXITED);
      assertThat(watch.next().revision()).isEqualTo(10);
      while (watch.revision() < 11) {
        assertThat(watch.next(Duration.ofMillis(1))).isEmpty();
      }
    }
  }

  @Test
  void watchGoesOnAfterTheRevisionOfAnotherThatWasTooSlow() throws Exception {
    fake.watchScripts.add(List.of(event(ProcessEvent.PROCESS_EVENT_STARTED, 6)));
    fake.watchScripts.add(List.of(event(ProcessEvent.PROCESS_EVENT_EXITED, 9)));
    Map<String, String> labels = Map.of("app", "shop");
    ProcessWatch slow = yard.processes().watch(labels);
    assertThat(slow.next().revision()).isEqualTo(6);
    assertThatThrownBy(slow::next)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("WATCH_TOO_SLOW"));
    try (ProcessWatch next = yard.processes().watch(labels, slow.revision())) {
      assertThat(next.revision()).isEqualTo(6);
      assertThat(next.next().kind()).isEqualTo(ProcessWatch.Kind.EXITED);
    }
    assertThat(fake.watches).extracting("afterRevision").containsExactly(0L, 6L);
    assertThat(fake.watches.get(1).getLabelsMap()).isEqualTo(labels);
  }

  @Test
  void closedWatchAnswersNothingMore() {
    fake.watchScripts.add(List.of(event(ProcessEvent.PROCESS_EVENT_STARTED, 6)));
    ProcessWatch watch = yard.processes().watch();
    watch.close();
    assertThatThrownBy(watch::next)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("STREAM_CLOSED"));
  }
}
