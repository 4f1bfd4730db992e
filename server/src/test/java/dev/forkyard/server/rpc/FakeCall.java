package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.testing.Refusals;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answers of a call without a transport. For one thread. */
final class FakeCall<A> extends ServerCallStreamObserver<A> {
  private final List<A> answers = new ArrayList<>();
  private Runnable beforeAnswer = () -> {};
  private Runnable onCancel = () -> {};
  private @Nullable Throwable refusal;
  private boolean completed;
  private boolean cancelled;
  private boolean ready = true;

  /** Whether the client can take an answer. */
  void ready(boolean canTake) {
    ready = canTake;
  }

  List<A> answers() {
    return answers;
  }

  /** What happens before each answer is sent. */
  void beforeAnswer(Runnable action) {
    beforeAnswer = action;
  }

  boolean isCompleted() {
    return completed;
  }

  /** Why it was refused; empty when it was not. */
  String refusal() {
    return refusal == null ? "" : Refusals.reason(refusal);
  }

  /** The client goes away. */
  void cancel() {
    cancelled = true;
    onCancel.run();
  }

  @Override
  public void onNext(A answer) {
    beforeAnswer.run();
    answers.add(answer);
  }

  @Override
  public void onError(Throwable error) {
    assertThat(refusal).as("refused once").isNull();
    refusal = error;
  }

  @Override
  public void onCompleted() {
    completed = true;
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    onCancel = handler;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {}

  @Override
  public void setCompression(String compression) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void disableAutoRequest() {}

  @Override
  public void request(int count) {}

  @Override
  public void setMessageCompression(boolean enable) {}
}
