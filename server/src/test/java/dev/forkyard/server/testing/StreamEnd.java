package dev.forkyard.server.testing;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Takes the messages of a call, and waits for how it ends. */
final class StreamEnd<T> implements StreamObserver<T> {
  private final Consumer<T> messages;
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

  StreamEnd(Consumer<T> messages) {
    this.messages = messages;
  }

  @Override
  public void onNext(T message) {
    messages.accept(message);
  }

  @Override
  public void onError(Throwable error) {
    failure.complete(error);
    end.complete(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  boolean isDone() {
    return end.isDone();
  }

  /** How the call ended, waited for. */
  Status status() {
    try {
      return end.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Why the call was refused, waited for. */
  Throwable failure() {
    Status unused = status();
    return failure.getNow(new AssertionError("it was not refused"));
  }
}
