package dev.forkyard.server.contract;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.testing.Recorded;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls without a transport. */
final class CoreCalls {
  private CoreCalls() {}

  /** Makes a call whose fault may be thrown or replied. */
  static <A, T> Call<T> make(Consumer<Reply<A>> operation, Function<A, T> translation) {
    Recorded<A> reply = new Recorded<>();
    try {
      operation.accept(reply);
    } catch (Fault fault) {
      reply.refuse(fault);
    }
    CompletableFuture<T> outcome =
        reply
            .outcome()
            .handle(
                (answer, failure) -> {
                  if (failure != null) {
                    throw failure instanceof Fault fault
                        ? new Call.Refused(fault.reason().name())
                        : new CompletionException(failure);
                  }
                  return translation.apply(answer);
                });
    return new Call<>(outcome, reply::goAway);
  }

  /** Makes a call that answers at once. */
  static Call<Void> make(Runnable operation) {
    return CoreCalls.<Boolean, Void>make(
        reply -> {
          operation.run();
          reply.answer(true);
        },
        done -> nothing());
  }

  @SuppressWarnings("NullAway") // the only value of Void
  static Void nothing() {
    return null;
  }
}
