package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttachmentTest {
  private final FakeAttach fake = new FakeAttach();
  private final List<Attachment.Output> received = new CopyOnWriteArrayList<>();
  private FakeDaemon daemon;
  private Forkyard yard;
  private ManagedProcess process;

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(new FakeSession(), fake);
    yard = Forkyard.connect(daemon.address());
    process = yard.processes().get("p");
  }

  @AfterEach
  void disconnect() throws Exception {
    yard.close();
    daemon.close();
  }

  private static void assertRefused(String reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ForkyardException.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private static void assertEndsWith(String reason, Attachment attachment) {
    assertThatThrownBy(() -> attachment.onExit().get())
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private String receivedText() {
    StringBuilder text = new StringBuilder();
    received.forEach(piece -> text.append(new String(piece.bytes(), StandardCharsets.UTF_8)));
    return text.toString();
  }

  @Test
  void inputGoesWithinTheWindowAndAllOutputIsReceivedBeforeTheExit() throws Exception {
    String text = "0123456789".repeat(100);
    try (Attachment attachment = process.attach(received::add)) {
      attachment.write(text);
      attachment.closeInput();
      assertThat(attachment.onExit().get().code()).hasValue(4);
      assertThat(receivedText()).isEqualTo(text);
      assertThat(received).allMatch(Attachment.Output::isStderr);
      assertRefused("INPUT_CLOSED", () -> attachment.write("more"));
    }
    assertThat(fake.mostUnaccepted).isLessThanOrEqualTo(10);
    assertThat(fake.requests.get(0).getOpen().getTailBytes()).isZero();
    assertThat(fake.requests.get(0).getOpen().hasTailBytes()).isTrue();
  }

  @Test
  void sizesAndSignalsGoToTheProcessAndARefusalEndsTheAttachment() throws Exception {
    Attachment attachment = process.attach(500, received::add);
    attachment.resize(30, 100);
    attachment.signal("NOPE");
    assertEndsWith("UNKNOWN_SIGNAL", attachment);
    assertRefused("UNKNOWN_SIGNAL", () -> attachment.resize(31, 101));
    assertThat(fake.requests.get(0).getOpen().getTailBytes()).isEqualTo(500);
    assertThat(fake.requests.get(1).getResize().getColumns()).isEqualTo(100);
  }

  @Test
  void closeDetachesAfterWhatWasSent() throws Exception {
    Attachment attachment = process.attach(received::add);
    attachment.write("last");
    attachment.close();
    attachment.close();
    fake.detached.await();
    assertThat(fake.requests.get(1).getInput().toStringUtf8()).isEqualTo("last");
    assertRefused("DETACHED", () -> attachment.write("x"));
    assertRefused("DETACHED", () -> attachment.resize(1, 1));
    assertEndsWith("DETACHED", attachment);
  }

  @Test
  void nextPieceComesWhenTheOneBeforeHasBeenDealtWith() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<Integer> inside = new CopyOnWriteArrayList<>();
    Attachment attachment =
        process.attach(
            piece -> {
              inside.add(received.size());
              first.countDown();
              awaitQuietly(goOn);
              received.add(piece);
            });
    attachment.write("a");
    attachment.write("b");
    first.await();
    assertThat(inside).hasSize(1);
    goOn.countDown();
    attachment.closeInput();
    assertThat(attachment.onExit().get().code()).hasValue(4);
    assertThat(inside).containsExactly(0, 1);
    attachment.close();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void receiverThatThrowsIsDetached() throws Exception {
    Attachment attachment =
        process.attach(
            piece -> {
              throw new IllegalStateException("no more");
            });
    attachment.write("a");
    assertThatThrownBy(() -> attachment.onExit().get())
        .hasCauseInstanceOf(IllegalStateException.class);
    fake.detached.await();
  }

  @Test
  void processWithoutInputRefusesInputAndStaysAttached() throws Exception {
    fake.window = 0;
    try (Attachment attachment = process.attach(received::add)) {
      assertRefused("INPUT_NOT_OPEN", () -> attachment.write("x"));
      attachment.closeInput();
      assertThat(attachment.onExit().get().code()).hasValue(4);
    }
  }
}
