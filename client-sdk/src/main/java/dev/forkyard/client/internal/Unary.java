package dev.forkyard.client.internal;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Makes calls with one request and one answer. */
public final class Unary {
  private Unary() {}

  /**
   * Makes a call. Its future completes on the thread of the channel; cancelling the future cancels
   * the call.
   *
   * @param channel the connection to the daemon
   * @param method the RPC
   * @param request the request
   * @param <Q> type of the request
   * @param <R> type of the answer
   * @return the answer to be
   */
  public static <Q, R> CompletableFuture<R> call(
      Channel channel, MethodDescriptor<Q, R> method, Q request) {
    return call(channel, method, request, CallOptions.DEFAULT);
  }

  /**
   * Makes a call once there is a connection, as {@link #call(Channel, MethodDescriptor, Object)}
   * does; it is refused with DEADLINE_EXCEEDED when it has no answer in time.
   *
   * @param channel the connection to the daemon, which may be broken
   * @param method the RPC
   * @param request the request
   * @param millis how much time it has
   * @param <Q> type of the request
   * @param <R> type of the answer
   * @return the answer to be
   */
  public static <Q, R> CompletableFuture<R> callOnceReady(
      Channel channel, MethodDescriptor<Q, R> method, Q request, long millis) {
    return call(
        channel,
        method,
        request,
        CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(millis, TimeUnit.MILLISECONDS));
  }

  private static <Q, R> CompletableFuture<R> call(
      Channel channel, MethodDescriptor<Q, R> method, Q request, CallOptions options) {
    ClientCall<Q, R> call = channel.newCall(method, options);
    CompletableFuture<R> answer =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
              call.cancel("the caller does not wait any more", null);
            }
            return cancelled;
          }
        };
    ClientCalls.asyncUnaryCall(
        call,
        request,
        new StreamObserver<R>() {
          @Override
          public void onNext(R value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable refusal) {
            answer.completeExceptionally(refusal);
          }

          @Override
          public void onCompleted() {}
        });
    return answer;
  }
}
