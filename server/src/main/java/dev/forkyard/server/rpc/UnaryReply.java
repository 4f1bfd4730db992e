package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The reply of a unary call. Thread-safe. */
final class UnaryReply<A> implements Reply<A> {
  private final ServerCallStreamObserver<A> observer;
  private final AtomicBoolean answered = new AtomicBoolean();
  private final GoneAction gone = new GoneAction();

  private UnaryReply(ServerCallStreamObserver<A> observer) {
    this.observer = observer;
    observer.setOnCancelHandler(gone::fire);
  }

  /** Carries out an operation, which answers sooner or later; what it throws is a refusal. */
  static <A> void run(StreamObserver<A> observer, Consumer<Reply<A>> operation) {
    UnaryReply<A> reply = new UnaryReply<>((ServerCallStreamObserver<A>) observer);
    try {
      operation.accept(reply);
    } catch (Fault fault) {
      reply.refuse(fault);
    } catch (RuntimeException bug) {
      reply.refuse(Refusals.bug("a unary call", bug));
    }
  }

  @Override
  public void answer(A answer) {
    if (answered.compareAndSet(false, true)) {
      observer.onNext(answer);
      observer.onCompleted();
    }
  }

  @Override
  public void refuse(Fault fault) {
    if (answered.compareAndSet(false, true)) {
      observer.onError(Refusals.exception(fault));
    }
  }

  @Override
  public void whenGone(Runnable action) {
    gone.set(action);
  }
}
