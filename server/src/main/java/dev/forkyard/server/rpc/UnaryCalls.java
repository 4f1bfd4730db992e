package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Carries out operations for unary calls. Thread-safe. */
final class UnaryCalls {
  private final OpenCalls open;

  UnaryCalls(OpenCalls open) {
    this.open = open;
  }

  /** Carries out an operation, which answers sooner or later; what it throws is a refusal. */
  <A> void run(StreamObserver<A> observer, Consumer<Reply<A>> operation) {
    UnaryReply<A> reply = new UnaryReply<>(open, (ServerCallStreamObserver<A>) observer);
    if (!open.opened(reply)) {
      return; // what is refused must not be done
    }
    try {
      operation.accept(reply);
    } catch (Fault fault) {
      reply.refuse(fault);
    } catch (RuntimeException bug) {
      reply.refuse(Refusals.bug("a unary call", bug));
    }
  }

  private static final class UnaryReply<A> implements Reply<A>, OpenCalls.OpenCall {
    private final OpenCalls open;
    private final ServerCallStreamObserver<A> observer;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final GoneAction gone = new GoneAction();

    UnaryReply(OpenCalls open, ServerCallStreamObserver<A> observer) {
      this.open = open;
      this.observer = observer;
      observer.setOnCancelHandler(this::cancelled);
    }

    private void cancelled() {
      open.answered(this);
      gone.fire();
    }

    @Override
    public void answer(A answer) {
      if (isFirst()) {
        observer.onNext(answer);
        observer.onCompleted();
      }
    }

    @Override
    public void refuse(Fault fault) {
      if (isFirst()) {
        observer.onError(Refusals.exception(fault));
      }
    }

    private boolean isFirst() {
      open.answered(this);
      return answered.compareAndSet(false, true);
    }

    @Override
    public void whenGone(Runnable action) {
      gone.set(action);
    }
  }
}
