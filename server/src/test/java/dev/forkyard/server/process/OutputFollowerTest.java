package dev.forkyard.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.WaiterLimit;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutputFollowerTest {
  private final FakeOutput stdout = new FakeOutput();
  private final FakeOutput stderr = new FakeOutput();
  private final Queue<Runnable> reads = new ArrayDeque<>();
  private final WaiterLimit limit = new WaiterLimit(2);
  private final Followers followers = new Followers();
  private final Recorder taker = new Recorder();

  /** Takes what it is given while it wants to. */
  private static final class Recorder implements OutputFollower.Taker {
    private final List<FollowedPiece> pieces = new ArrayList<>();
    private boolean ready = true;
    private boolean complete;
    private @Nullable Fault refusal;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void take(FollowedPiece piece) {
      pieces.add(piece);
    }

    @Override
    public void complete() {
      complete = true;
    }

    @Override
    public void refuse(Fault fault) {
      refusal = fault;
    }

    private byte[] bytes(OutputStreamName stream) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      pieces.stream()
          .filter(piece -> piece.stream() == stream)
          .forEach(piece -> bytes.writeBytes(piece.bytes()));
      return bytes.toByteArray();
    }

    private String text() {
      return new String(bytes(OutputStreamName.STDOUT), StandardCharsets.UTF_8);
    }
  }

  @AfterEach
  void closedFollowersLeaveNothing() {
    followers.processForgotten(new Fault(Reason.PROCESS_NOT_FOUND, "The test is over."));
    readAll();
    assertThat(stdout.listeners()).isZero();
    assertThat(stderr.listeners()).isZero();
    assertThat(limit.waiting()).isZero();
  }

  private OutputFollower follow(FollowRequest request) {
    List<FollowedStream> streams =
        request.streams().stream()
            .map(
                name ->
                    FollowedStream.begin(
                        request, name, name == OutputStreamName.STDOUT ? stdout : stderr))
            .toList();
    OutputFollower follower = new OutputFollower("p", streams, taker, reads::add, limit);
    followers.add(follower);
    return follower;
  }

  private static FollowRequest from(long cursor, boolean asText) {
    return new FollowRequest("p", EnumSet.of(OutputStreamName.STDOUT), cursor, 0, null, asText);
  }

  private static FollowRequest tail(long bytes) {
    return new FollowRequest("p", EnumSet.of(OutputStreamName.STDOUT), 0, 0, bytes, false);
  }

  private void readAll() {
    for (Runnable read = reads.poll(); read != null; read = reads.poll()) {
      read.run();
    }
  }

  private void endOfTheProcess() {
    stdout.complete();
    stderr.complete();
    followers.processEnded();
    readAll();
  }

  @Test
  void whatIsThereAndWhatComesAreJoined() {
    stdout.write("there ");
    follow(from(0, false));
    stdout.write("meanwhile ");
    readAll();
    stdout.write("later");
    readAll();
    assertThat(taker.text()).isEqualTo("there meanwhile later");
    long next = 0;
    for (FollowedPiece piece : taker.pieces) {
      assertThat(piece.cursor()).isEqualTo(next);
      next = piece.nextCursor();
    }
  }

  @Test
  void atMostOneReadIsUnderWay() {
    follow(from(0, false));
    for (int i = 0; i < 10; i++) {
      stdout.write("x");
      assertThat(reads).hasSize(1);
    }
    readAll();
    assertThat(taker.pieces).hasSize(1);
    assertThat(stdout.reads()).isEqualTo(1);
  }

  @Test
  void nothingIsReadForATakerThatIsNotReady() {
    stdout.write(new byte[10 * FollowedStream.PIECE_BYTES]);
    taker.ready = false;
    OutputFollower follower = follow(from(0, false));
    stdout.write("more");
    assertThat(reads).isEmpty();
    taker.ready = true;
    follower.advance();
    readAll();
    assertThat(taker.bytes(OutputStreamName.STDOUT)).hasSize(10 * FollowedStream.PIECE_BYTES + 4);
    assertThat(taker.pieces).allMatch(piece -> piece.bytes().length <= FollowedStream.PIECE_BYTES);
  }

  @Test
  void takerThatIsReadyNoMoreGetsNoSecondPiece() {
    stdout.write(new byte[3 * FollowedStream.PIECE_BYTES]);
    follow(from(0, false));
    taker.ready = false;
    readAll();
    assertThat(taker.pieces).hasSize(1);
  }

  @Test
  void endOfEachStreamIsToldAndThenItCompletes() {
    follow(new FollowRequest("p", EnumSet.allOf(OutputStreamName.class), 0, 0, null, false));
    stdout.write("out");
    readAll();
    assertThat(taker.complete).isFalse();
    endOfTheProcess();
    assertThat(taker.complete).isTrue();
    assertThat(taker.pieces).filteredOn(FollowedPiece::end).hasSize(2);
    assertThat(taker.pieces.stream().filter(FollowedPiece::end).map(piece -> piece.bytes().length))
        .containsOnly(0);
  }

  @Test
  void bothStreamsEndWithTheSameRunThoughItRunsAgainBeforeTheSecondIsRead() {
    OutputFollower follower =
        follow(new FollowRequest("p", EnumSet.allOf(OutputStreamName.class), 0, 0, null, false));
    stderr.write("warning");
    taker.ready = false;
    readAll();
    stdout.complete();
    stderr.complete();
    followers.processEnded();
    taker.ready = true;
    follower.advance();
    taker.ready = false; // for one piece only
    readAll();
    assertThat(taker.pieces).filteredOn(FollowedPiece::end).hasSize(1);
    stdout.goOn();
    stderr.goOn();
    taker.ready = true;
    stdout.write("of the next run");
    stderr.write("of the next run");
    readAll();
    assertThat(taker.complete).isTrue();
    assertThat(taker.text()).isEmpty();
    assertThat(taker.bytes(OutputStreamName.STDERR)).asString().isEqualTo("warning");
  }

  @Test
  void whatWasWrittenAfterTheEndIsNotSent() {
    stdout.write("mine");
    stdout.complete();
    stdout.write("late");
    follow(from(0, false));
    readAll();
    assertThat(taker.text()).isEqualTo("mine");
    assertThat(taker.complete).isTrue();
  }

  @Test
  void followerThatBeginsAfterTheEndCompletesAtOnce() {
    stdout.write("mine");
    stdout.complete();
    stdout.write("late");
    follow(from(6, false));
    readAll();
    assertThat(taker.complete).isTrue();
    assertThat(taker.text()).isEmpty();
  }

  @Test
  void beginningOfACharacterIsHeldBackUntilItsRestComes() {
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    follow(from(0, true));
    stdout.write("a");
    stdout.write(new byte[] {euro[0]});
    readAll();
    assertThat(taker.text()).isEqualTo("a");
    stdout.write(new byte[] {euro[1]});
    readAll();
    assertThat(taker.text()).isEqualTo("a");
    assertThat(reads).isEmpty();
    stdout.write(new byte[] {euro[2], 'z'});
    readAll();
    assertThat(taker.text()).isEqualTo("a€z");
    assertThat(taker.pieces).hasSize(2);
  }

  @Test
  void characterIsNotCutAtTheBorderOfAPiece() {
    String text = "x" + "€".repeat(FollowedStream.PIECE_BYTES);
    stdout.write(text);
    follow(from(0, true));
    readAll();
    StringBuilder joined = new StringBuilder();
    taker.pieces.forEach(piece -> joined.append(piece.text()));
    assertThat(joined.toString()).isEqualTo(text);
  }

  @Test
  void characterThatNeverGetsItsRestIsSentAtTheEnd() {
    follow(from(0, true));
    stdout.write(new byte[] {'a', (byte) 0xe2});
    readAll();
    endOfTheProcess();
    assertThat(taker.bytes(OutputStreamName.STDOUT)).containsExactly('a', 0xe2);
    assertThat(taker.pieces).extracting(FollowedPiece::text).containsExactly("a", "\ufffd", "");
  }

  @Test
  void missedBytesAreCounted() {
    follow(from(0, false));
    taker.ready = false;
    stdout.write("0123456789");
    stdout.drop(4);
    taker.ready = true;
    stdout.write("!");
    readAll();
    assertThat(taker.pieces).hasSize(1);
    assertThat(taker.pieces.get(0).dropped()).isEqualTo(4);
    assertThat(taker.pieces.get(0).cursor()).isEqualTo(4);
    assertThat(taker.text()).isEqualTo("456789!");
  }

  @Test
  void missedBytesAreCountedAlsoWhenNothingFollowsThem() {
    stdout.write("0123456789");
    stdout.drop(10);
    stdout.complete();
    follow(from(0, false));
    readAll();
    assertThat(taker.pieces).hasSize(1);
    assertThat(taker.pieces.get(0).end()).isTrue();
    assertThat(taker.pieces.get(0).dropped()).isEqualTo(10);
    assertThat(taker.pieces.get(0).nextCursor()).isEqualTo(10);
  }

  @Test
  void tailIsCountedFromTheEnd() {
    stdout.write("0123456789");
    follow(tail(3));
    readAll();
    assertThat(taker.text()).isEqualTo("789");
  }

  @Test
  void tailOfNothingIsWhatIsWrittenFromNowOn() {
    stdout.write("0123456789");
    follow(tail(0));
    stdout.write("new");
    readAll();
    assertThat(taker.text()).isEqualTo("new");
  }

  @Test
  void tailOfTextDoesNotBeginInsideACharacter() {
    stdout.write("a€b");
    follow(new FollowRequest("p", EnumSet.of(OutputStreamName.STDOUT), 0, 0, 3L, true));
    readAll();
    assertThat(taker.text()).isEqualTo("b");
    assertThat(taker.pieces.get(0).cursor()).isEqualTo(4);
    assertThat(taker.pieces.get(0).dropped()).isZero();
  }

  @Test
  void textAfterAGapBeginsWithAWholeCharacter() {
    stdout.write("a€b");
    stdout.drop(2);
    follow(from(0, true));
    readAll();
    assertThat(taker.text()).isEqualTo("b");
    assertThat(taker.pieces.get(0).cursor()).isEqualTo(4);
    assertThat(taker.pieces.get(0).dropped()).isEqualTo(4);
  }

  @Test
  void tailBeginsAtTheOldestByteThatIsKept() {
    stdout.write("0123456789");
    stdout.drop(8);
    follow(tail(Long.MAX_VALUE));
    readAll();
    assertThat(taker.text()).isEqualTo("89");
    assertThat(taker.pieces.get(0).dropped()).isZero();
  }

  @Test
  void tailIsOfWhatTheProcessItselfWrote() {
    stdout.write("0123456789");
    stdout.complete();
    stdout.write("late");
    follow(tail(3));
    readAll();
    assertThat(taker.text()).isEqualTo("789");
  }

  @Test
  void cursorOutOfRangeIsRefused() {
    stdout.write("0123");
    for (long cursor : new long[] {-1, 5, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> follow(from(cursor, false)))
          .isInstanceOfSatisfying(
              Fault.class,
              fault -> assertThat(fault.reason()).isEqualTo(Reason.CURSOR_OUT_OF_RANGE));
    }
  }

  @Test
  void followerOfAForgottenProcessIsRefused() {
    stdout.write("0123");
    follow(from(0, false));
    followers.processForgotten(new Fault(Reason.PROCESS_NOT_FOUND, "Gone."));
    readAll();
    assertThat(taker.refusal).isNotNull();
    assertThat(taker.pieces).isEmpty();
  }

  @Test
  void followerThatComesAfterItWasForgottenIsRefused() {
    followers.processForgotten(new Fault(Reason.PROCESS_NOT_FOUND, "Gone."));
    follow(from(0, false));
    assertThat(taker.refusal).isNotNull();
  }

  @Test
  void closedFollowerTakesNothingMore() {
    OutputFollower follower = follow(from(0, false));
    stdout.write("0123");
    assertThat(follower.close()).isTrue();
    assertThat(follower.close()).isFalse();
    readAll();
    stdout.write("more");
    assertThat(reads).isEmpty();
    assertThat(taker.pieces).isEmpty();
    assertThat(stdout.listeners()).isZero();
    assertThat(limit.waiting()).isZero();
  }

  @Test
  void diskThatFailsEndsTheFollower() {
    stdout.fail();
    follow(from(0, false));
    stdout.write("0123");
    readAll();
    assertThat(taker.refusal).isNotNull();
    assertThat(taker.refusal.reason()).isEqualTo(Reason.INTERNAL);
  }

  @Test
  void followersAreBounded() {
    follow(from(0, false));
    follow(from(0, false));
    assertThatThrownBy(() -> follow(from(0, false)))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.reason()).isEqualTo(Reason.TOO_MANY_WAITERS));
  }
}
