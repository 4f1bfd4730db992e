package dev.forkyard.server.contract;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Calls over the wire. */
final class RpcCalls {
  private RpcCalls() {}

  static <A, T> Call<T> unary(ListenableFuture<A> future, Function<A, T> translation) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    Futures.addCallback(
        future,
        new FutureCallback<A>() {
          @Override
          public void onSuccess(A answer) {
            outcome.complete(translation.apply(answer));
          }

          @Override
          public void onFailure(Throwable refused) {
            outcome.completeExceptionally(
                future.isCancelled() ? refused : new Call.Refused(Refusals.reason(refused)));
          }
        },
        MoreExecutors.directExecutor());
    return new Call<>(outcome, () -> future.cancel(true));
  }

  static <T> Call<T> stream(
      SessionClient client, SessionCall call, Function<SessionReply, T> translation) {
    client.send(call);
    CompletableFuture<T> outcome =
        client
            .reply(call)
            .thenApply(
                reply -> {
                  if (reply.hasError()) {
                    throw new Call.Refused(Refusals.reason(reply.getError()));
                  }
                  return translation.apply(reply);
                });
    return new Call<>(outcome, () -> client.cancel(call));
  }

  static com.google.protobuf.Duration wire(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static List<Payload> payloads(List<String> values) {
    return values.stream().map(value -> Payload.newBuilder().setJson(value).build()).toList();
  }
}
