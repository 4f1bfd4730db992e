package dev.forkyard.server.testing;

import dev.forkyard.v1.CancelCall;
import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.SessionServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A session stream by hand. */
public final class SessionClient {
  private static final SessionCall UNCOUNTED = SessionCall.getDefaultInstance();

  private final StreamObserver<SessionCalls> calls;
  private final ConcurrentHashMap<Long, CompletableFuture<SessionReply>> replies =
      new ConcurrentHashMap<>();
  private final List<Long> order = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final AtomicLong numbers = new AtomicLong();
  private OpenReply opened = OpenReply.getDefaultInstance();
  private String sessionId = "";

  /** Begins a stream; nothing is sent yet. */
  public SessionClient(Channel channel) {
    calls = SessionServiceGrpc.newStub(channel).connect(new Replies());
  }

  /** Begins a stream and opens a session of its own. */
  public static SessionClient open(Channel channel) {
    SessionClient client = new SessionClient(channel);
    client.openReply("");
    return client;
  }

  /**
   * Begins a stream with any call to open, which is not counted: the first call after it is number
   * 1, or on a stream that goes on the one after the last that was received. Waits for the answer.
   */
  public static SessionClient open(Channel channel, OpenCall open) {
    SessionClient client = begin(channel, open);
    client.opened = client.answer(UNCOUNTED).getOpen();
    client.sessionId = client.opened.getSessionId();
    client.numbers.set(client.opened.getCallsReceived());
    return client;
  }

  /** As {@link #open(Channel, OpenCall)}, but does not wait. */
  public static SessionClient begin(Channel channel, OpenCall open) {
    SessionClient client = new SessionClient(channel);
    client.send(UNCOUNTED.toBuilder().setOpen(open).build());
    return client;
  }

  /** Opens a stream that may go on after its connection broke, in a session of its own. */
  public static SessionClient openResumable(Channel channel) {
    return open(channel, OpenCall.newBuilder().setResumable(true).build());
  }

  /** Goes on with this stream, of which so many replies were received. */
  public SessionClient goOn(Channel channel, long repliesReceived) {
    return open(channel, goingOn(repliesReceived));
  }

  /** The call that lets another stream go on with this one. */
  public OpenCall goingOn(long repliesReceived) {
    return OpenCall.newBuilder()
        .setResumeToken(opened.getResumeToken())
        .setRepliesReceived(repliesReceived)
        .build();
  }

  /** Opens or joins a session; waits for its name. */
  public String openReply(String join) {
    OpenCall open = OpenCall.newBuilder().setSessionId(join).build();
    SessionReply reply = answer(send(call -> call.setOpen(open)));
    sessionId = reply.getOpen().getSessionId();
    return sessionId;
  }

  public String sessionId() {
    return sessionId;
  }

  /** What a stream that may go on was answered when it was opened. */
  public OpenReply opened() {
    return opened;
  }

  /** Tells how many replies were received. */
  public void confirm(long repliesReceived) {
    synchronized (calls) {
      calls.onNext(SessionCalls.newBuilder().setRepliesReceived(repliesReceived).build());
    }
  }

  /** A numbered call, not yet sent. */
  public SessionCall numbered(Consumer<SessionCall.Builder> filling) {
    SessionCall.Builder call = SessionCall.newBuilder().setNumber(numbers.incrementAndGet());
    filling.accept(call);
    return call.build();
  }

  /** Sends calls in one message. */
  public void send(SessionCall... batch) {
    for (SessionCall call : batch) {
      reply(call);
    }
    synchronized (calls) {
      calls.onNext(SessionCalls.newBuilder().addAllCalls(Arrays.asList(batch)).build());
    }
  }

  public SessionCall send(Consumer<SessionCall.Builder> filling) {
    SessionCall call = numbered(filling);
    send(call);
    return call;
  }

  public CompletableFuture<SessionReply> reply(SessionCall call) {
    return replies.computeIfAbsent(call.getNumber(), number -> new CompletableFuture<>());
  }

  /** The reply to a call, waited for. */
  public SessionReply answer(SessionCall call) {
    return wait(reply(call));
  }

  public void cancel(SessionCall call) {
    send(cancel -> cancel.setCancel(CancelCall.newBuilder().setNumber(call.getNumber())));
  }

  /** The numbers of the calls in the order in which they were answered. */
  public List<Long> order() {
    return order;
  }

  /** Ends the stream in order and waits for its end. */
  public void close() {
    synchronized (calls) {
      calls.onCompleted();
    }
    wait(end);
  }

  /** Breaks the stream off. */
  public void breakOff() {
    synchronized (calls) {
      calls.onError(Status.CANCELLED.asException());
    }
  }

  /** Why the daemon ended the stream, waited for. */
  public Throwable failure() {
    return wait(failure);
  }

  private static <T> T wait(CompletableFuture<T> future) {
    try {
      return future.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private final class Replies implements StreamObserver<SessionReplies> {
    @Override
    public void onNext(SessionReplies batch) {
      for (SessionReply reply : batch.getRepliesList()) {
        order.add(reply.getNumber());
        var future = replies.computeIfAbsent(reply.getNumber(), n -> new CompletableFuture<>());
        if (!future.complete(reply)) {
          failure.complete(new AssertionError("answered twice: " + reply));
        }
      }
    }

    @Override
    public void onError(Throwable error) {
      failure.complete(error);
      replies.values().forEach(reply -> reply.completeExceptionally(error));
      end.complete(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }
}
