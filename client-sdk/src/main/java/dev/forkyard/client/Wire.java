package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.AnswerStream;
import dev.forkyard.client.internal.Endpoint;
import dev.forkyard.client.internal.HandleResolver;
import dev.forkyard.client.internal.PayloadCodec;
import dev.forkyard.client.internal.Refusals;
import dev.forkyard.client.internal.SessionStream;
import dev.forkyard.client.internal.StatusDetails;
import dev.forkyard.client.internal.Transport;
import dev.forkyard.client.internal.Unary;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What all objects of one {@link Forkyard} share: the connection, its session and its threads. */
final class Wire {
  private static final int OPEN_SECONDS = 20;
  private static final int CLOSE_SECONDS = 10;
  private static final int MOST_REPEATS = 20;
  private static final int REPEAT_MILLIS = 2_500;

  private final Endpoint endpoint;
  private final Transport transport;
  private final SessionStream stream;
  private final OpenReply session;
  private final PayloadCodec codec;
  private final ThreadPoolExecutor callbacks;
  private final ScheduledThreadPoolExecutor timer;
  private final Set<Runnable> beforeClose = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Wire(Endpoint endpoint, Transport transport, SessionStream stream, OpenReply session) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.stream = stream;
    this.session = session;
    HandleResolver handles =
        (handle, type, elementType) -> Handles.resolve(this, handle, type, elementType);
    this.codec = new PayloadCodec(handles);
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    ThreadFactory callbackThreads = daemonThreads("forkyard-callback");
    this.callbacks =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            callbackThreads,
            // futures are resolved even when this is closed
            (task, ended) -> callbackThreads.newThread(task).start());
    callbacks.allowCoreThreadTimeOut(true);
    this.timer = new ScheduledThreadPoolExecutor(1, daemonThreads("forkyard-timer"));
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Connects and opens a session, or joins the given one if that is not empty. */
  static Wire open(Endpoint endpoint, String sessionId) {
    Transport transport = new Transport(endpoint);
    SessionStream stream = new SessionStream(transport);
    try {
      OpenReply opened = stream.open(sessionId).get(OPEN_SECONDS, TimeUnit.SECONDS);
      return new Wire(endpoint, transport, stream, opened);
    } catch (ExecutionException e) {
      transport.close();
      throw Errors.translate(
          e.getCause() instanceof StatusRuntimeException refusal
                  && StatusDetails.hasReason(refusal, "CONNECTION_LOST")
              ? endpoint.unreachable(refusal.getCause())
              : e);
    } catch (TimeoutException e) {
      transport.close();
      throw Errors.translate(
          Refusals.of(
              com.google.rpc.Code.UNAVAILABLE,
              "DAEMON_NOT_ANSWERING",
              "the daemon at "
                  + endpoint.address()
                  + " did not answer within "
                  + OPEN_SECONDS
                  + " seconds; if it is stopped or overloaded let it go on and connect again, else"
                  + " end its process and start it with `forkyard daemon`",
              Map.of("address", endpoint.address())));
    } catch (InterruptedException e) {
      transport.close();
      throw interrupted();
    }
  }

  String address() {
    return endpoint.address();
  }

  String sessionId() {
    return session.getSessionId();
  }

  /** The process that this program is; empty if the daemon has not started it. */
  String processId() {
    return session.getProcessId();
  }

  PayloadCodec codec() {
    return codec;
  }

  Transport transport() {
    return transport;
  }

  SessionStream stream() {
    return stream;
  }

  /** Runs what may be the user's code, or may wait. */
  Executor callbacks() {
    return callbacks;
  }

  /** Runs something later, if this is still open then. It must not wait. */
  void later(long millis, Runnable action) {
    try {
      var unused = timer.schedule(action, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      // it would not be run
    }
  }

  /** Has something run before the session ends, until it is taken back. */
  void beforeClose(Runnable action) {
    beforeClose.add(action);
  }

  /** Takes it back. */
  void notBeforeClose(Runnable action) {
    beforeClose.remove(action);
  }

  /** Makes a call that is answered at once; an interrupt does not break it off and stays set. */
  @CanIgnoreReturnValue
  <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return join(start(method, request));
  }

  /** Makes a call that may wait. */
  <Q, R> R callInterruptibly(MethodDescriptor<Q, R> method, Q request) throws InterruptedException {
    return await(start(method, request));
  }

  /** Makes a call that may be repeated and is answered at once, as {@link #call}. */
  @CanIgnoreReturnValue
  <Q, R> R callRepeatable(MethodDescriptor<Q, R> method, Q request) {
    return join(startRepeatable(method, request));
  }

  /**
   * Begins a call that does the same when it is repeated, or that the daemon knows again. It is
   * repeated when the connection breaks, a few times and as long as the session may go on.
   */
  <Q, R> CompletableFuture<R> startRepeatable(MethodDescriptor<Q, R> method, Q request) {
    return start(method, request)
        .exceptionallyCompose(refusal -> repeat(method, request, refusal, MOST_REPEATS));
  }

  private <Q, R> CompletableFuture<R> repeat(
      MethodDescriptor<Q, R> method, Q request, Throwable refusal, int times) {
    if (times == 0 || closed.get() || stream.isOver() || !Errors.isConnectionLost(refusal)) {
      return CompletableFuture.failedFuture(refusal);
    }
    return Unary.callOnceReady(transport.channel(), method, request, REPEAT_MILLIS)
        .exceptionallyCompose(
            next -> repeat(method, request, Errors.isDeadline(next) ? refusal : next, times - 1));
  }

  /** Begins a call with many answers. */
  <Q, R> AnswerStream<R> open(MethodDescriptor<Q, R> method, Q request) {
    checkOpen();
    return AnswerStream.open(transport.channel(), method, request);
  }

  /**
   * Hands an answer to the user: what is attached to it runs on a callback thread. Cancelling what
   * is returned cancels the answer.
   */
  <R, T extends @Nullable Object> CompletableFuture<T> handOver(
      CompletableFuture<R> answer, Function<R, T> result) {
    CompletableFuture<T> handed = new CompletableFuture<>();
    var unused =
        answer.whenCompleteAsync(
            (value, error) -> {
              try {
                if (error != null) {
                  throw Errors.translate(error);
                }
                handed.complete(result.apply(value));
              } catch (Throwable e) { // an Error of a class that is decoded too
                handed.completeExceptionally(e);
              }
            },
            callbacks);
    var unusedToo =
        handed.whenComplete(
            (value, error) -> {
              if (handed.isCancelled()) {
                answer.cancel(true);
              }
            });
    return handed;
  }

  /** Begins a call. */
  <Q, R> CompletableFuture<R> start(MethodDescriptor<Q, R> method, Q request) {
    checkOpen();
    return Unary.call(transport.channel(), method, request);
  }

  /** Refuses what would begin after the end. */
  void checkOpen() {
    if (closed.get()) {
      throw Errors.of(
          ForkyardException.Code.CANCELLED,
          "CLIENT_CLOSED",
          "this Forkyard is closed; connect again");
    }
  }

  /** Waits for an answer in spite of an interrupt, which stays set. */
  static <R> R join(CompletableFuture<R> answer) {
    try {
      return answer.join();
    } catch (CompletionException | CancellationException e) {
      throw Errors.translate(e);
    }
  }

  /** Waits for an answer; when interrupted, cancels what is waited for. */
  static <R> R await(CompletableFuture<R> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException | CancellationException e) {
      throw Errors.translate(e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    }
  }

  /** Waits for what others may wait for too; an interrupt ends only this wait. */
  static <R> R awaitShared(CompletableFuture<R> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw Errors.translate(e);
    }
  }

  /** Makes a call on the session stream that is answered at once, in spite of an interrupt. */
  @CanIgnoreReturnValue
  SessionReply call(SessionCall.Builder call) {
    return join(stream.send(call).reply());
  }

  /**
   * Makes a call on the session stream that may wait.
   *
   * <p>An interrupt ends the wait in the daemon. If the operation was done before that, its reply
   * is answered as if nothing had happened and the thread stays interrupted, so that nothing is
   * lost.
   */
  @CanIgnoreReturnValue
  SessionReply callInterruptibly(SessionCall.Builder call) throws InterruptedException {
    SessionStream.Pending pending = stream.send(call);
    try {
      return pending.reply().get();
    } catch (ExecutionException e) {
      throw Errors.translate(e);
    } catch (InterruptedException e) {
      stream.cancel(pending);
      return outcomeOfCancelled(pending, e);
    }
  }

  private static SessionReply outcomeOfCancelled(
      SessionStream.Pending pending, InterruptedException interrupt) throws InterruptedException {
    try {
      SessionReply reply = pending.reply().join();
      Thread.currentThread().interrupt();
      return reply;
    } catch (CompletionException e) {
      if (e.getCause() instanceof StatusRuntimeException refusal
          && StatusDetails.hasReason(refusal, "CALL_CANCELLED")) {
        throw interrupt;
      }
      Thread.currentThread().interrupt();
      throw Errors.translate(e);
    }
  }

  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    timer.shutdownNow();
    beforeClose.forEach(Runnable::run);
    try {
      stream.close().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // the channel is broken off below, and the daemon ends the session all the same
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      transport.close();
      callbacks.shutdown();
    }
  }

  static ForkyardException interrupted() {
    Thread.currentThread().interrupt();
    return Errors.of(
        ForkyardException.Code.CANCELLED,
        "INTERRUPTED",
        "the thread was interrupted while it waited for the daemon");
  }

  private static ThreadFactory daemonThreads(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
