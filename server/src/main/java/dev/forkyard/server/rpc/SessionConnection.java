package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One Connect call, which carries a session stream until it breaks or the stream ends. As an
 * observer it is called by the transport, one call at a time; its other methods by any thread.
 */
final class SessionConnection implements StreamObserver<SessionCalls>, OpenCalls.OpenCall {
  private final SessionStream.Context context;
  private final ServerCallStreamObserver<SessionReplies> observer;
  private final Object lock = new Object();

  /** What it carries; null until that is opened. */
  private volatile @Nullable SessionStream stream;

  @GuardedBy("lock")
  private boolean over;

  SessionConnection(
      SessionStream.Context context, ServerCallStreamObserver<SessionReplies> observer) {
    this.context = context;
    this.observer = observer;
    observer.setOnReadyHandler(this::canWrite);
    observer.setOnCancelHandler(this::cancelled);
  }

  /** Lets the end of the daemon end it too. */
  SessionConnection begin() {
    context.open().opened(this);
    return this;
  }

  @Override
  public void onNext(SessionCalls calls) {
    SessionStream carried = stream;
    if (carried != null) {
      carried.received(this, calls);
    } else if (!isOver()) {
      try {
        open(calls);
      } catch (Fault fatal) {
        fail(fatal);
      }
    }
  }

  private void open(SessionCalls calls) {
    if (calls.getCallsCount() != 1 || !calls.getCalls(0).hasOpen()) {
      throw new Fault(
          Reason.OPEN_EXPECTED,
          "The first message of a session stream must hold one call, which must be open.");
    }
    SessionCall open = calls.getCalls(0);
    String token = open.getOpen().getResumeToken();
    if (token.isEmpty()) {
      SessionStream opened = SessionStream.open(context, open.getOpen());
      stream = opened;
      opened.begin(this, open);
    } else {
      SessionStream broken = context.resumable().get(token);
      stream = broken;
      broken.goOn(this, open);
    }
  }

  @Override
  public void onError(Throwable broken) {
    cancelled();
  }

  /** The client is gone, or a message was refused before it came here. */
  private void cancelled() {
    boolean broke = observer.isCancelled();
    over(() -> {});
    SessionStream carried = stream;
    if (carried != null) {
      carried.lost(this, broke);
    }
  }

  @Override
  public void onCompleted() {
    SessionStream carried = stream;
    if (carried == null) {
      complete();
    } else {
      carried.completed(this);
    }
  }

  @Override
  public void refuse(Fault fatal) {
    SessionStream carried = stream;
    if (carried == null) {
      fail(fatal);
    } else {
      carried.refuse(fatal);
    }
  }

  private void canWrite() {
    SessionStream carried = stream;
    if (carried != null) {
      carried.flush();
    }
  }

  /** Whether the client can take a message now. */
  boolean isReady() {
    return observer.isReady();
  }

  /** Sends a message, unless the connection is over. */
  void send(SessionReplies message) {
    synchronized (lock) {
      if (!over) {
        observer.onNext(message);
      }
    }
  }

  /** Ends the connection in order. */
  void complete() {
    over(observer::onCompleted);
  }

  /** Ends the connection with an error. */
  void fail(Fault fatal) {
    over(() -> observer.onError(Refusals.exception(fatal)));
  }

  private void over(Runnable lastWord) {
    context.open().answered(this);
    synchronized (lock) {
      if (!over) {
        over = true;
        lastWord.run();
      }
    }
  }

  private boolean isOver() {
    synchronized (lock) {
      return over;
    }
  }
}
