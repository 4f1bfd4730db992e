package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Fault;
import io.grpc.stub.ServerCallStreamObserver;

/**
 * The answers of one streaming call, sent one at a time and ended once: in order, by a refusal, by
 * the client, or by the end of the daemon. Thread-safe.
 */
final class AnswerStream<A> implements OpenCalls.OpenCall {
  private final OpenCalls open;
  private final ServerCallStreamObserver<A> observer;
  private final GoneAction whenOver = new GoneAction();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private boolean over;

  /**
   * To be made while the call begins.
   *
   * @param onReady run whenever the client can take an answer again
   */
  AnswerStream(OpenCalls open, ServerCallStreamObserver<A> observer, Runnable onReady) {
    this.open = open;
    this.observer = observer;
    observer.setOnReadyHandler(onReady);
    observer.setOnCancelHandler(() -> end(() -> {}));
  }

  /** Lets the end of the daemon end the stream too. */
  void begin() {
    open.opened(this);
  }

  /**
   * Registers what the end of the stream ends; runs at once when it has ended. Only one is kept.
   */
  void whenOver(Runnable action) {
    whenOver.set(action);
  }

  /** Whether the client can take an answer now. */
  boolean isReady() {
    return observer.isReady();
  }

  /** Whether the last answer was given, or nobody takes any. */
  boolean isOver() {
    synchronized (lock) {
      return over;
    }
  }

  /** Sends an answer, ready or not; nothing once the stream is over. */
  void send(A answer) {
    synchronized (lock) {
      if (!over) {
        observer.onNext(answer);
      }
    }
  }

  /** Sends a last answer. */
  void complete(A answer) {
    end(
        () -> {
          observer.onNext(answer);
          observer.onCompleted();
        });
  }

  void complete() {
    end(observer::onCompleted);
  }

  @Override
  public void refuse(Fault fault) {
    end(() -> observer.onError(Refusals.exception(fault)));
  }

  private void end(Runnable lastWord) {
    synchronized (lock) {
      if (over) {
        return;
      }
      over = true;
      lastWord.run();
    }
    open.answered(this);
    whenOver.fire();
  }
}
