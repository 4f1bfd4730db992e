package dev.forkyard.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InputBufferTest {
  private static final int CAPACITY = InputBuffer.CAPACITY;

  private final FakeScheduler time = new FakeScheduler();
  private final WaiterLimit limit = new WaiterLimit(3);
  private final InputBudget budget = new InputBudget(4L << 20);
  private final FakeSink sink = new FakeSink();
  private final InputBuffer input = new InputBuffer("p", sink, budget, time, limit);

  /** Whatever a test did: once the process has ended, nothing waits and nothing is held. */
  @AfterEach
  void endOfTheProcessLeavesNothing() {
    input.processEnded();
    assertThat(budget.taken()).isZero();
    assertThat(limit.waiting()).isZero();
    assertThat(time.pending()).isZero();
    assertThat(sink.isClosed()).isTrue();
  }

  private Recorded<Long> write(int bytes) {
    return write(new byte[bytes], null);
  }

  private Recorded<Long> write(byte[] bytes, @Nullable Duration timeout) {
    Recorded<Long> reply = new Recorded<>();
    input.write(bytes, timeout, reply);
    return reply;
  }

  private static Reason refusal(Recorded<?> reply) {
    assertThat(reply.outcome()).isCompletedExceptionally();
    Throwable failure = catchThrowable(() -> reply.outcome().getNow(null));
    assertThat(failure).cause().isInstanceOf(Fault.class);
    return ((Fault) Objects.requireNonNull(failure.getCause())).reason();
  }

  private void assertRefused(Reason reason, int bytes, @Nullable Duration timeout) {
    assertThatThrownBy(() -> write(new byte[bytes], timeout))
        .isInstanceOfSatisfying(Fault.class, fault -> assertThat(fault.reason()).isEqualTo(reason));
  }

  @Test
  void whatFitsIsAcceptedAndCounted() {
    assertThat(write(10).outcome()).isCompletedWithValue(10L);
    assertThat(write(CAPACITY - 10).outcome()).isCompletedWithValue((long) CAPACITY);
    assertThat(budget.taken()).isEqualTo(CAPACITY);
  }

  @Test
  void nothingAtAllIsAcceptedToo() {
    assertThat(write(0).outcome()).isCompletedWithValue(0L);
  }

  @Test
  void whatDoesNotFitWaitsUntilTheProcessReads() {
    write(CAPACITY);
    Recorded<Long> second = write(10);
    assertThat(second.outcome()).isNotDone();
    sink.read(9);
    assertThat(second.outcome()).isNotDone();
    sink.read(1);
    assertThat(second.outcome()).isCompletedWithValue(CAPACITY + 10L);
  }

  @Test
  void writesAreAcceptedInOrderAndASmallOneDoesNotOvertake() {
    write(CAPACITY - 10);
    Recorded<Long> large = write(100);
    Recorded<Long> small = write(1);
    assertThat(small.outcome()).isNotDone();
    assertRefused(Reason.INPUT_FULL, 1, Duration.ZERO);
    sink.read(90);
    assertThat(large.outcome()).isDone();
    assertThat(small.outcome()).isNotDone();
    sink.read(1);
    assertThat(small.outcome()).isDone();
  }

  @Test
  void largerWriteThanTheBoundIsAcceptedAloneAndWhole() {
    assertThat(write(InputBuffer.MOST_BYTES).outcome()).isDone();
    Recorded<Long> next = write(InputBuffer.MOST_BYTES);
    sink.read(InputBuffer.MOST_BYTES - 1);
    assertThat(next.outcome()).isNotDone();
    sink.read(1);
    assertThat(next.outcome()).isDone();
    sink.read(InputBuffer.MOST_BYTES);
    assertThat(sink.written()).hasSize(2 * InputBuffer.MOST_BYTES);
  }

  @Test
  void writeOfMoreThanTheMostIsRefused() {
    assertRefused(Reason.BATCH_TOO_LARGE, InputBuffer.MOST_BYTES + 1, null);
  }

  @Test
  void writeThatDoesNotFitInTimeIsRefusedAndNothingOfItIsWritten() {
    write(CAPACITY);
    Recorded<Long> late = write(new byte[] {7}, Duration.ofSeconds(3));
    time.pass(Duration.ofSeconds(2));
    assertThat(late.outcome()).isNotDone();
    time.pass(Duration.ofSeconds(1));
    assertThat(refusal(late)).isEqualTo(Reason.INPUT_FULL);
    assertThat(budget.taken()).isEqualTo(CAPACITY);
    sink.read(Integer.MAX_VALUE);
    assertThat(sink.written()).hasSize(CAPACITY).doesNotContain(7);
  }

  @Test
  void cancelledWriteIsRemovedWholeAndMakesWayForThoseBehindIt() {
    write(CAPACITY - 10);
    Recorded<Long> large = write(new byte[100], null);
    Recorded<Long> small = write(5);
    large.goAway();
    assertThat(refusal(large)).isEqualTo(Reason.CALL_CANCELLED);
    assertThat(small.outcome()).isCompletedWithValue(CAPACITY - 5L);
    assertThat(budget.taken()).isEqualTo(CAPACITY - 5L);
  }

  @Test
  void everyByteArrivesOnceAndInOrder() {
    Random random = new Random(4711);
    java.io.ByteArrayOutputStream sent = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(5_000)];
      random.nextBytes(bytes);
      sent.writeBytes(bytes);
      Recorded<Long> reply = write(bytes, null);
      while (!reply.outcome().isDone()) {
        sink.read(random.nextInt(10_000));
      }
    }
    sink.read(Integer.MAX_VALUE);
    assertThat(sink.written()).isEqualTo(sent.toByteArray());
    assertThat(budget.taken()).isZero();
  }

  @Test
  void closeEndsItAfterWhatWasAccepted() {
    write(100);
    Recorded<Long> parked = write(CAPACITY);
    assertThat(input.close()).isTrue();
    assertThat(refusal(parked)).isEqualTo(Reason.INPUT_CLOSED);
    assertThat(sink.isClosed()).isFalse();
    assertRefused(Reason.INPUT_CLOSED, 1, null);
    sink.read(99);
    assertThat(sink.isClosed()).isFalse();
    sink.read(1);
    assertThat(sink.isClosed()).isTrue();
    assertThat(sink.written()).hasSize(100);
    assertThat(input.close()).isFalse();
    assertThat(input.isOpen()).isFalse();
  }

  @Test
  void closeOfAnEmptyInputEndsItAtOnce() {
    assertThat(input.close()).isTrue();
    assertThat(sink.isClosed()).isTrue();
  }

  @Test
  void firstWriteAfterTheProcessClosedItsSideIsRefused() {
    sink.breakOff();
    Recorded<Long> reply = write(1);
    assertThat(refusal(reply)).isEqualTo(Reason.INPUT_CLOSED);
    assertRefused(Reason.INPUT_CLOSED, 1, null);
    assertThat(input.close()).isFalse();
  }

  @Test
  void writeThatTheProcessReadIsNotRefusedWhenItEndsRightAfterThat() {
    sink.read(3);
    sink.afterWrite(input::processEnded);
    assertThat(write(3).outcome()).isCompletedWithValue(3L);
  }

  @Test
  void writeOfWhichTheProcessReadNothingIsRefusedWhenItEndsRightAfterThat() {
    sink.afterWrite(input::processEnded);
    assertThat(refusal(write(3))).isEqualTo(Reason.INPUT_CLOSED);
  }

  @Test
  void writesThatWaitAreRefusedWhenTheProcessClosesItsSide() {
    write(CAPACITY);
    List<Recorded<Long>> parked = new ArrayList<>(List.of(write(1), write(2)));
    sink.breakOff();
    assertThat(parked)
        .allSatisfy(reply -> assertThat(refusal(reply)).isEqualTo(Reason.INPUT_CLOSED));
    assertThat(budget.taken()).isZero();
  }

  @Test
  void writesThatWaitAreRefusedWhenTheProcessEnds() {
    write(CAPACITY);
    Recorded<Long> parked = write(1);
    input.processEnded();
    assertThat(refusal(parked)).isEqualTo(Reason.INPUT_CLOSED);
    assertRefused(Reason.INPUT_CLOSED, 1, Duration.ZERO);
  }

  @Test
  void bytesOfTheWholeDaemonAreBounded() {
    budget.take("other", (4L << 20) - 10);
    assertThat(write(10).outcome()).isDone();
    assertRefused(Reason.INPUT_FULL, 1, null);
    sink.read(1);
    assertThat(write(1).outcome()).isDone();
    budget.giveBack((4L << 20) - 10);
  }

  @Test
  void callsThatWaitAreBoundedAndARefusedOneHoldsNoBytes() {
    write(CAPACITY);
    List.of(1, 2, 3).forEach(this::write);
    assertRefused(Reason.TOO_MANY_WAITERS, 5, null);
    assertThat(budget.taken()).isEqualTo(CAPACITY + 6L);
  }
}
