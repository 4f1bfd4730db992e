package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.CancelReply;
import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import io.grpc.SynchronizationContext;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A session stream: starts numbered calls in order and sends their answers as they come.
 *
 * <p>A resumable one outlives its connection: while it waits for the next, its calls go on, and
 * what they answer waits too. What changes its state is done in turn, one thing at a time, by
 * whichever thread brings it; so nothing of an old connection is carried out after a new one has
 * been told what was received. Answers come from any thread.
 */
final class SessionStream implements OpenCalls.OpenCall {

  /** What all session streams share. */
  record Context(
      OpenCalls open,
      Sessions sessions,
      SessionOperations operations,
      ResumableStreams resumable) {}

  private final Context context;
  private final Session session;
  private final boolean joined;
  private final boolean resumable;
  private final Caller caller;
  private final SentReplies sent;
  private final Batcher<SessionReply> replies =
      new Batcher<>(this::canSend, this::sendNow, SessionReply::getSerializedSize);
  private final SynchronizationContext turns =
      new SynchronizationContext((thread, bug) -> refuse(Refusals.bug("a session stream", bug)));

  /** Calls that are not answered yet. */
  private final ConcurrentHashMap<Long, CallReply> unanswered = new ConcurrentHashMap<>();

  private final AtomicBoolean refused = new AtomicBoolean();

  /** What carries the stream; null while it waits, and in the end. Set in turn. */
  private volatile @Nullable SessionConnection connection;

  // Read and written in turn:
  private final ResumableStreams.Tokens tokens;
  private long lastCall;
  private int attempt;
  private ResumableStreams.@Nullable Wait wait;
  private boolean ended;

  private SessionStream(Context context, Session session, boolean joined, boolean resumable) {
    this.context = context;
    this.session = session;
    this.joined = joined;
    this.resumable = resumable;
    this.caller = new Caller(context.sessions(), session);
    this.sent = new SentReplies(resumable);
    this.tokens = context.resumable().tokens(this);
  }

  /**
   * Opens a stream, which has no connection yet.
   *
   * @throws Fault when there is no such session, or no room for another
   */
  static SessionStream open(Context context, OpenCall open) {
    boolean joined = !open.getSessionId().isEmpty();
    Session session =
        joined ? context.sessions().get(open.getSessionId()) : context.sessions().open();
    return new SessionStream(context, session, joined, open.getResumable());
  }

  /** Begins on its first connection. */
  void begin(SessionConnection first, SessionCall open) {
    turns.execute(
        () -> {
          session.attachStream();
          carriedBy(first, open);
        });
  }

  /** Goes on with a connection, in place of the one before, which may not be known to be broken. */
  void goOn(SessionConnection next, SessionCall open) {
    turns.execute(() -> goOnNow(next, open));
  }

  private void goOnNow(SessionConnection next, SessionCall open) {
    OpenCall again = open.getOpen();
    if (!tokens.include(again.getResumeToken()) || again.getAttempt() < attempt || refused.get()) {
      next.fail(ResumableStreams.notResumable());
      return;
    }
    SessionConnection old = connection;
    connection = null; // nothing is sent until it is known what is sent next
    if (!replies.sendAgain(() -> sent.takeAfter(again.getRepliesReceived()))) {
      connection = old;
      cannotGoOn(next, again.getRepliesReceived());
      return;
    }
    attempt = again.getAttempt();
    if (old != null) {
      old.fail(ResumableStreams.takenOver());
    } else {
      stopWaiting();
      session.attachStream();
    }
    carriedBy(next, open);
  }

  /** The replies that the client wants are not there. */
  private void cannotGoOn(SessionConnection next, long received) {
    if (sent.areKept()) {
      Fault wrong = wrongCount(received);
      next.fail(wrong);
      refuse(wrong);
    } else {
      next.fail(ResumableStreams.notResumable());
      replies.flush();
    }
  }

  private void carriedBy(SessionConnection next, SessionCall open) {
    String token = resumable ? tokens.after(open.getOpen().getResumeToken()) : "";
    OpenReply opened =
        OpenReply.newBuilder()
            .setSessionId(session.id())
            .setProcessId(session.processId())
            .setResumeToken(token)
            .setCallsReceived(lastCall)
            .build();
    next.send(
        SessionReplies.newBuilder()
            .addReplies(SessionReply.newBuilder().setNumber(open.getNumber()).setOpen(opened))
            .build());
    connection = next;
    replies.flush();
  }

  /** Starts the calls of a message. */
  void received(SessionConnection from, SessionCalls calls) {
    turns.execute(() -> Burst.during(() -> start(from, calls)));
  }

  private void start(SessionConnection from, SessionCalls calls) {
    if (from != connection) {
      return; // another took over, or the stream has ended
    }
    tokens.arrived();
    try {
      if (resumable && !sent.confirm(calls.getRepliesReceived())) {
        throw wrongCount(calls.getRepliesReceived());
      }
      for (SessionCall call : calls.getCallsList()) {
        if (refused.get()) {
          return;
        }
        start(call);
      }
    } catch (Fault fatal) {
      refuse(fatal);
    }
  }

  private void start(SessionCall call) {
    if (call.hasOpen()) {
      throw new Fault(Reason.ALREADY_OPEN, "The session of this stream is open already.");
    }
    long number = call.getNumber();
    if (resumable && number != lastCall + 1) {
      throw wrongNumber(number);
    }
    lastCall = number;
    CallReply reply = new CallReply(number);
    if (unanswered.putIfAbsent(number, reply) != null) {
      send(error(number, numberInUse(number)));
      return;
    }
    try {
      if (call.hasCancel()) {
        cancel(call.getCancel().getNumber());
        reply.answer(SessionReply.newBuilder().setCancel(CancelReply.getDefaultInstance()));
      } else {
        context.operations().start(call, caller, reply);
      }
    } catch (Fault fault) {
      reply.refuse(fault);
    } catch (RuntimeException bug) {
      reply.refuse(Refusals.bug("a call of a session stream", bug));
    }
  }

  private void cancel(long number) {
    CallReply target = unanswered.get(number);
    if (target != null) {
      target.gone.fire();
    }
  }

  private static Fault numberInUse(long number) {
    return Fault.invalid("number", "Call " + number + " is not answered yet; use another number.");
  }

  private Fault wrongNumber(long number) {
    return new Fault(
            Reason.BAD_NUMBER,
            "Call "
                + number
                + " came where "
                + (lastCall + 1)
                + " was expected; number the calls of a resumable stream 1, 2, 3 and so on.")
        .with("number", number)
        .with("expected", lastCall + 1);
  }

  private static Fault wrongCount(long received) {
    return new Fault(
            Reason.BAD_NUMBER,
            "The client cannot have received "
                + received
                + " replies, or has confirmed more before; count those of a stream over all its"
                + " connections, and those to open not.")
        .with("replies_received", received);
  }

  private static SessionReply.Builder error(long number, Fault fault) {
    return SessionReply.newBuilder().setNumber(number).setError(Refusals.status(fault));
  }

  private void send(SessionReply.Builder reply) {
    if (!replies.send(reply.build())) {
      refuse(Refusals.clientDoesNotRead());
    }
  }

  private boolean canSend() {
    SessionConnection carrier = connection;
    return carrier != null && carrier.isReady();
  }

  private void sendNow(List<SessionReply> parts) {
    SessionReplies message = SessionReplies.newBuilder().addAllReplies(parts).build();
    sent.add(message);
    SessionConnection carrier = connection;
    if (carrier != null) {
      carrier.send(message);
    }
  }

  /** Sends what waits, as far as the client can take it. */
  void flush() {
    replies.flush();
  }

  /**
   * A connection is gone.
   *
   * @param broke false when the daemon has ended it itself
   */
  void lost(SessionConnection from, boolean broke) {
    turns.execute(
        () -> {
          if (from == connection && !(broke && waits())) {
            end(Ending.BROKEN, () -> {});
          }
        });
  }

  /** Waits for a connection; false when this stream does not. */
  private boolean waits() {
    if (refused.get() || !sent.areKept()) {
      return false;
    }
    ResumableStreams.Wait begun = context.resumable().await(this::giveUp);
    if (begun == null) {
      return false;
    }
    try {
      session.onEnd(this, () -> giveUp(begun));
    } catch (Fault sessionHasEnded) {
      begun.end();
      return false;
    }
    wait = begun;
    connection = null;
    context.open().opened(this);
    session.detachStream();
    return true;
  }

  private void giveUp(ResumableStreams.Wait over) {
    turns.execute(
        () -> {
          if (over == wait) {
            end(Ending.BROKEN, () -> {});
          }
        });
  }

  private void stopWaiting() {
    if (wait != null) {
      wait.end();
      wait = null;
      session.forget(this);
      context.open().answered(this);
    }
  }

  /** The client ends the stream in order. */
  void completed(SessionConnection from) {
    turns.execute(
        () -> {
          if (from == connection) {
            end(Ending.CLOSED, from::complete);
          }
        });
  }

  @Override
  public void refuse(Fault fatal) {
    if (refused.compareAndSet(false, true)) { // what is refused may find that nobody reads
      turns.execute(() -> refuseNow(fatal));
    }
  }

  private void refuseNow(Fault fatal) {
    if (!ended) {
      unanswered.values().forEach(reply -> reply.refuseForGood(fatal));
      SessionConnection last = connection;
      end(Ending.BROKEN, last == null ? () -> {} : () -> last.fail(fatal));
    }
  }

  /** Ends what the stream stands for, and then its connection with a last word. */
  private void end(Ending how, Runnable lastWord) {
    ended = true;
    tokens.forget();
    unanswered.values().forEach(reply -> reply.gone.fire());
    if (wait == null) {
      session.detachStream();
    } else {
      stopWaiting();
    }
    if (!joined) {
      context.sessions().end(session, how);
    }
    replies.end(lastWord);
    connection = null;
  }

  /** The reply of one call. */
  private final class CallReply implements Reply<SessionReply.Builder> {
    private final long number;

    private final GoneAction gone = new GoneAction();

    CallReply(long number) {
      this.number = number;
    }

    @Override
    public void answer(SessionReply.Builder answer) {
      if (unanswered.remove(number, this)) {
        send(answer.setNumber(number));
      }
    }

    @Override
    public void refuse(Fault fault) {
      if (unanswered.remove(number, this)) {
        send(error(number, fault));
      }
    }

    /** Refuses it, and has its operation end. */
    void refuseForGood(Fault fault) {
      refuse(fault);
      gone.fire();
    }

    @Override
    public void whenGone(Runnable action) {
      gone.set(action);
    }
  }
}
