package dev.forkyard.client.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.FollowOutputResponse;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.ProcessServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerStreamTest {
  private final FakeChannel channel = new FakeChannel();
  private final AnswerStream<FollowOutputResponse> stream =
      AnswerStream.open(
          channel,
          ProcessServiceGrpc.getFollowOutputMethod(),
          FollowOutputRequest.getDefaultInstance());

  /** A channel whose one call is counted and answered by the test. */
  private static final class FakeChannel extends Channel {
    int requested;
    boolean cancelled;
    ClientCall.@Nullable Listener<Object> listener;

    @Override
    @SuppressWarnings("unchecked") // the test sends what the method answers
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
      return new ClientCall<>() {
        @Override
        public void start(Listener<R> answers, Metadata headers) {
          listener = (Listener<Object>) answers;
        }

        @Override
        public void request(int count) {
          requested += count;
        }

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
          cancelled = true;
        }

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
      };
    }

    @Override
    public String authority() {
      return "test";
    }
  }

  private void answer(long cursor) {
    Objects.requireNonNull(channel.listener)
        .onMessage(
            FollowOutputResponse.newBuilder()
                .setOutput(OutputPiece.newBuilder().setCursor(cursor))
                .build());
  }

  private void end(Status status) {
    Objects.requireNonNull(channel.listener).onClose(status, new Metadata());
  }

  private long nextCursor() throws InterruptedException {
    return Objects.requireNonNull(stream.next(Duration.ZERO)).getOutput().getCursor();
  }

  @Test
  void onlyAFewAnswersAreFetchedAheadOfAReaderThatDoesNotRead() throws Exception {
    assertThat(channel.requested).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      answer(i);
    }
    assertThat(channel.requested).isEqualTo(4);
    assertThat(nextCursor()).isZero();
    assertThat(channel.requested).isEqualTo(5);
  }

  @Test
  void answersBeforeTheEndAreGivenBeforeTheEnd() throws Exception {
    answer(7);
    end(Status.OK);
    assertThat(nextCursor()).isEqualTo(7);
    assertThat(stream.next(null)).isNull();
    assertThat(stream.next(null)).isNull();
  }

  @Test
  void answersBeforeAFailureAreGivenBeforeTheFailure() throws Exception {
    answer(7);
    end(Status.DATA_LOSS);
    assertThat(nextCursor()).isEqualTo(7);
    assertThatThrownBy(() -> stream.next(null)).isInstanceOf(StatusRuntimeException.class);
  }

  @Test
  void waitEndsWhenItsTimeIsOverAndTakesNothing() throws Exception {
    assertThat(stream.next(Duration.ZERO)).isNull();
    assertThat(stream.next(Duration.ofSeconds(-1))).isNull();
    answer(7);
    assertThat(nextCursor()).isEqualTo(7);
  }

  @Test
  void interruptTakesNothing() throws Exception {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> stream.next(null)).isInstanceOf(InterruptedException.class);
    answer(7);
    assertThat(nextCursor()).isEqualTo(7);
  }

  @Test
  void closeCancelsTheCallAndForgetsWhatCame() {
    answer(7);
    stream.close();
    answer(8);
    assertThat(channel.cancelled).isTrue();
    assertThatThrownBy(() -> stream.next(null))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> assertThat(StatusDetails.hasReason(refusal, "STREAM_CLOSED")).isTrue());
  }
}
