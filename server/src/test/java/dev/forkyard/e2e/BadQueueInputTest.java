package dev.forkyard.e2e;

import static dev.forkyard.e2e.PrivateYard.LONG;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.JoinableQueue;
import dev.forkyard.client.Lease;
import dev.forkyard.client.PutOptions;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.QueueSender;
import dev.forkyard.client.Queues;
import dev.forkyard.client.RemoteQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What makes no sense is refused in words that say what to do, and nothing has changed. */
@Timeout(120)
class BadQueueInputTest {
  @RegisterExtension static final PrivateYard YARD = new PrivateYard();
  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);
  private static final Duration NEVER = Duration.ofSeconds(Long.MIN_VALUE);

  private RemoteQueue<String> queue;

  @BeforeEach
  void fill() throws Exception {
    queue =
        YARD.get()
            .queues()
            .create(
                String.class,
                QueueOptions.defaults()
                    .capacity(3)
                    .capacityBytes(8 << 20)
                    .maxPriority(2)
                    .deadAfterReleases(3));
    queue.put("a");
  }

  @AfterEach
  void nothingHasChanged() throws Exception {
    assertThat(queue.peek(10)).containsExactly("a");
    assertThat(queue.leased()).isZero();
    queue.put("b");
    assertThat(queue.getMany(10, LONG)).containsExactly("a", "b");
  }

  private static void assertSenseless(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).message().contains(words);
  }

  @Test
  void names() {
    Queues queues = YARD.get().queues();
    for (String name :
        List.of("Jobs", "a b", "ä", "-a", "a/b", "../a", "a\n", "\u0000", "x".repeat(64))) {
      assertRefused(
          "INVALID_ARGUMENT",
          () -> queues.open(name, String.class, QueueOptions.defaults()),
          "queue_id");
    }
    RemoteQueue<String> longest =
        queues.open("x".repeat(63), String.class, QueueOptions.defaults());
    longest.delete();
  }

  @Test
  void optionsOfAQueue() {
    assertSenseless(() -> QueueOptions.defaults().capacity(0), "at least 1 item, not 0");
    assertSenseless(() -> QueueOptions.defaults().capacity(-1), "not -1");
    QueueOptions options = QueueOptions.defaults();
    assertSenseless(() -> options.capacityBytes(0), "at least 1 byte, not 0");
    assertSenseless(() -> options.maxPriority(-1), "cannot be -1");
    assertSenseless(() -> options.deadAfterCrashes(0), "not 0");
    assertSenseless(() -> options.deadAfterReleases(0), "not 0");
    assertTooMuch(QueueOptions.defaults().capacity(Integer.MAX_VALUE), "capacity", "10000000");
    assertTooMuch(options.capacityBytes(Long.MAX_VALUE), "capacity_bytes", "1073741824");
    assertTooMuch(options.maxPriority(10), "max_priority", "0 to 9");
    assertTooMuch(options.deadAfterCrashes(1_001), "dead_after_crashes", "1000");
    assertTooMuch(options.deadAfterReleases(1_000_001), "dead_after_releases", "1000000");
  }

  private static void assertTooMuch(QueueOptions options, String... words) {
    assertRefused(
        "INVALID_ARGUMENT", () -> YARD.get().queues().create(String.class, options), words);
  }

  @Test
  void otherOptionsForAQueueThatExists() {
    Queues queues = YARD.get().queues();
    RemoteQueue<String> first =
        queues.open("first", String.class, QueueOptions.defaults().capacity(5));
    assertRefused(
        "QUEUE_EXISTS",
        () -> queues.openJoinable("first", String.class, QueueOptions.defaults().capacity(6)),
        "capacity 5",
        "capacity 6");
    assertThat(first.isEmpty()).isTrue();
    first.delete();
    assertRefused("QUEUE_NOT_FOUND", first::delete);
  }

  @Test
  void timeouts() throws Exception {
    RemoteQueue<String> full =
        YARD.get().queues().create(String.class, QueueOptions.defaults().capacity(1));
    full.put("x", FOREVER);
    assertRefused("QUEUE_FULL", () -> full.put("y", NEVER));
    assertRefused("QUEUE_FULL", () -> full.put("y", PutOptions.defaults().timeout(NEVER)));
    assertThat(full.get(FOREVER)).hasValue("x");
    assertThat(full.get(NEVER)).isEmpty();
    assertThat(full.lease(NEVER)).isEmpty();
    assertThat(full.getMany(1, NEVER)).isEmpty();
    assertThat(full.join(NEVER).died()).isZero();
    assertThat(full.join(FOREVER).died()).isZero();
  }

  @Test
  void numbersOfItems() {
    for (int most : List.of(0, -1, Integer.MIN_VALUE)) {
      assertSenseless(() -> queue.getMany(most, LONG), "at least 1 item");
      assertSenseless(() -> queue.leaseMany(most, LONG), "at least 1 item");
      assertSenseless(() -> queue.peek(most), "at least 1 item");
    }
  }

  @Test
  void itemsThatAreNone() throws Exception {
    List<String> withNull = Arrays.asList("b", null);
    assertThatThrownBy(() -> queue.putAll(withNull)).isInstanceOf(NullPointerException.class);
    queue.putAll(List.of());
  }

  @Test
  void itemsThatCanNeverFit() throws Exception {
    assertRefused("BATCH_TOO_LARGE", () -> queue.putAll(Collections.nCopies(4, "b")), "4 items");
    RemoteQueue<String> small =
        YARD.get().queues().create(String.class, QueueOptions.defaults().capacityBytes(10));
    assertRefused("BATCH_TOO_LARGE", () -> small.put("x".repeat(11)), "10 bytes");
    QueueSender<String> sender = small.sender();
    sender.put("x".repeat(11));
    assertRefused("BATCH_TOO_LARGE", sender::flush);
    assertRefused("BATCH_TOO_LARGE", sender::close);
    assertThat(small.isEmpty()).isTrue();
  }

  @Test
  void itemsThatNoMessageCanHold() throws Exception {
    String large = "x".repeat(4 << 20);
    assertRefused("MESSAGE_TOO_LARGE", () -> queue.put(large), "4128768", "put the paths");
    assertRefused(
        "MESSAGE_TOO_LARGE", () -> queue.putAll(List.of(large.substring(1 << 21), large)));
    try (QueueSender<String> sender = queue.sender()) {
      assertRefused("MESSAGE_TOO_LARGE", () -> sender.put(large));
    }
    String largest = "x".repeat(4_128_000);
    queue.put(largest);
    assertThat(queue.peek(2)).containsExactly("a", largest);
    assertThat(queue.getMany(2, LONG)).containsExactly("a");
    assertThat(queue.get()).isEqualTo(largest);
    queue.put("a");
  }

  @Test
  void prioritiesAndAttributes() {
    for (int priority : List.of(-1, 3, Integer.MAX_VALUE)) {
      assertRefused(
          "INVALID_ARGUMENT",
          () -> queue.put("b", PutOptions.defaults().priority(priority)),
          "0 to 2");
    }
    PutOptions tooLong = PutOptions.defaults().attribute("k", "x".repeat(4_096));
    assertRefused("INVALID_ARGUMENT", () -> queue.put("b", tooLong), "4096 bytes");
    PutOptions tooMany = PutOptions.defaults();
    for (int i = 0; i < 17; i++) {
      tooMany = tooMany.attribute("k" + i, "");
    }
    PutOptions options = tooMany;
    assertRefused("INVALID_ARGUMENT", () -> queue.put("b", options), "16 entries");
  }

  @Test
  void leases() throws Exception {
    try (Lease<String> lease = queue.lease()) {
      for (Duration time : List.of(Duration.ZERO, NEVER, Duration.ofMinutes(61), FOREVER)) {
        assertRefused("INVALID_ARGUMENT", () -> lease.extend(time), "at most 1 hour");
      }
      assertRefused("INVALID_ARGUMENT", () -> lease.deadLetter("x".repeat(5_000)), "reason");
    }
    assertThat(queue.leased()).as("after a refusal and a close").isZero();
    try (Lease<String> lease = queue.lease()) {
      lease.nack();
      assertRefused("LEASE_LOST", lease::nack, "holds no item");
      assertRefused("LEASE_LOST", lease::ack);
    }
  }

  @Test
  void putOnAQueueThatIsShutDown() throws Exception {
    RemoteQueue<String> closed = YARD.get().queues().create(String.class);
    try (QueueSender<String> idle = closed.sender()) {
      closed.shutdown();
      idle.flush();
    }
    QueueSender<String> sender = closed.sender();
    sender.put("b");
    assertRefused("QUEUE_CLOSED", sender::close);
    assertRefused("QUEUE_CLOSED", () -> sender.put("c"));
    assertThat(closed.isEmpty()).isTrue();
  }

  @Test
  void taskDoneTooOften() throws Exception {
    JoinableQueue<String> joinable = YARD.get().queues().createJoinable(String.class);
    joinable.put("b");
    List<String> got = new ArrayList<>();
    joinable.forEach(
        item -> {
          got.add(item);
          joinable.shutdown();
        });
    assertThat(got).containsExactly("b");
    assertRefused("TASK_DONE_TOO_MANY", joinable::taskDone, "more often");
    assertThat(joinable.join(LONG).died()).isZero();
  }
}
