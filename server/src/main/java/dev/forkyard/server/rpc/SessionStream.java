package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.CancelCall;
import dev.forkyard.v1.CancelReply;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.PingReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session stream: starts numbered calls in order and sends their answers as they come. Its
 * methods are called by the transport, one at a time; answers come from any thread.
 */
final class SessionStream implements StreamObserver<SessionCalls>, OpenCalls.OpenCall {
  private final OpenCalls open;
  private final Sessions sessions;
  private final HotOperations operations;
  private final ServerCallStreamObserver<SessionReplies> observer;
  private final Batcher<SessionReply> replies;

  /** Calls that are not answered yet. */
  private final ConcurrentHashMap<Long, CallReply> unanswered = new ConcurrentHashMap<>();

  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicBoolean refused = new AtomicBoolean();
  private boolean joined;
  private @Nullable Session session;
  private Caller caller;

  SessionStream(
      OpenCalls open,
      Sessions sessions,
      HotOperations operations,
      ServerCallStreamObserver<SessionReplies> observer) {
    this.open = open;
    this.sessions = sessions;
    this.operations = operations;
    this.observer = observer;
    this.caller = new Caller(sessions, null);
    this.replies = Batcher.of(observer, SessionStream::message, SessionReply::getSerializedSize);
    observer.setOnReadyHandler(replies::flush);
    observer.setOnCancelHandler(() -> end(Ending.BROKEN));
  }

  private static SessionReplies message(List<SessionReply> replies) {
    return SessionReplies.newBuilder().addAllReplies(replies).build();
  }

  @Override
  public void onNext(SessionCalls calls) {
    Burst.during(
        () -> {
          for (SessionCall call : calls.getCallsList()) {
            if (!ended.get()) {
              begin(call);
            }
          }
        });
  }

  private void begin(SessionCall call) {
    try {
      if (session == null) {
        open(call);
      } else {
        start(call);
      }
    } catch (Fault fatal) {
      refuse(fatal);
    }
  }

  @Override
  public void refuse(Fault fatal) {
    if (!refused.compareAndSet(false, true)) {
      return; // what is refused below may find that the client does not read
    }
    unanswered.values().forEach(reply -> reply.refuse(fatal));
    if (end(Ending.BROKEN)) {
      replies.end(() -> observer.onError(Refusals.exception(fatal)));
    }
  }

  private void open(SessionCall call) {
    if (!call.hasOpen()) {
      throw new Fault(Reason.OPEN_EXPECTED, "The first call of a session stream must be open.");
    }
    String id = call.getOpen().getSessionId();
    joined = !id.isEmpty();
    Session opened = joined ? sessions.get(id) : sessions.open();
    opened.attachStream();
    session = opened;
    caller = new Caller(sessions, opened);
    OpenReply reply =
        OpenReply.newBuilder().setSessionId(opened.id()).setProcessId(opened.processId()).build();
    send(reply().setNumber(call.getNumber()).setOpen(reply));
  }

  private void start(SessionCall call) {
    switch (call.getCallCase()) {
      case PUT_ITEMS ->
          run(
              call,
              reply ->
                  operations.putItems(call.getPutItems(), reply.from(a -> reply().setPutItems(a))));
      case TAKE_ITEMS ->
          run(
              call,
              reply ->
                  operations.takeItems(
                      call.getTakeItems(), caller, reply.from(a -> reply().setTakeItems(a))));
      case ACK_ITEMS ->
          run(
              call,
              reply ->
                  operations.ackItems(call.getAckItems(), reply.from(a -> reply().setAckItems(a))));
      case RELEASE_ITEMS ->
          run(
              call,
              reply ->
                  operations.releaseItems(
                      call.getReleaseItems(), reply.from(a -> reply().setReleaseItems(a))));
      case SEND_MESSAGES ->
          run(
              call,
              reply ->
                  operations.sendMessages(
                      call.getSendMessages(), caller, reply.from(a -> reply().setSendMessages(a))));
      case RECEIVE_MESSAGES ->
          run(
              call,
              reply ->
                  operations.receiveMessages(
                      call.getReceiveMessages(),
                      caller,
                      reply.from(a -> reply().setReceiveMessages(a))));
      case POLL_PIPE ->
          run(
              call,
              reply ->
                  operations.pollPipe(
                      call.getPollPipe(), caller, reply.from(a -> reply().setPollPipe(a))));
      case PING ->
          run(call, reply -> reply.answer(reply().setPing(PingReply.getDefaultInstance())));
      case PEEK_ITEMS ->
          run(
              call,
              reply ->
                  operations.peekItems(
                      call.getPeekItems(), reply.from(a -> reply().setPeekItems(a))));
      case EXTEND_LEASES ->
          run(
              call,
              reply ->
                  operations.extendLeases(
                      call.getExtendLeases(), reply.from(a -> reply().setExtendLeases(a))));
      case WAIT_DRAINED ->
          run(
              call,
              reply ->
                  operations.waitDrained(
                      call.getWaitDrained(), reply.from(a -> reply().setWaitDrained(a))));
      case CANCEL -> run(call, reply -> cancel(call.getCancel(), reply));
      case OPEN ->
          throw new Fault(Reason.ALREADY_OPEN, "The session of this stream is open already.");
      case CALL_NOT_SET -> run(call, SessionStream::refuseUnknown);
    }
  }

  private static SessionReply.Builder reply() {
    return SessionReply.newBuilder();
  }

  private static void refuseUnknown(Reply<SessionReply.Builder> reply) {
    reply.refuse(
        Fault.invalid(
            "call", "The call holds no operation that this daemon knows; set one of them."));
  }

  private void cancel(CancelCall cancel, Reply<SessionReply.Builder> reply) {
    CallReply target = unanswered.get(cancel.getNumber());
    if (target != null) {
      target.gone.fire();
    }
    reply.answer(reply().setCancel(CancelReply.getDefaultInstance()));
  }

  private void run(SessionCall call, Consumer<Reply<SessionReply.Builder>> operation) {
    CallReply reply = new CallReply(call.getNumber());
    if (unanswered.putIfAbsent(call.getNumber(), reply) != null) {
      send(error(call.getNumber(), numberInUse(call.getNumber())));
      return;
    }
    if (ended.get()) {
      reply.gone.fire(); // the stream ended while the call was noted
    }
    try {
      operation.accept(reply);
    } catch (Fault fault) {
      reply.refuse(fault);
    } catch (RuntimeException bug) {
      reply.refuse(Refusals.bug("a call of a session stream", bug));
    }
  }

  private static Fault numberInUse(long number) {
    return Fault.invalid("number", "Call " + number + " is not answered yet; use another number.");
  }

  private static SessionReply.Builder error(long number, Fault fault) {
    return reply().setNumber(number).setError(Refusals.status(fault));
  }

  private void send(SessionReply.Builder reply) {
    if (!replies.send(reply.build())) {
      refuse(Refusals.clientDoesNotRead());
    }
  }

  @Override
  public void onError(Throwable broken) {
    end(Ending.BROKEN);
  }

  @Override
  public void onCompleted() {
    if (end(Ending.CLOSED)) {
      replies.end(observer::onCompleted);
    }
  }

  /** Ends what the stream stands for; false when that was done before. */
  private boolean end(Ending how) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    open.answered(this);
    unanswered.values().forEach(reply -> reply.gone.fire());
    if (session != null) {
      session.detachStream();
      if (!joined) {
        sessions.end(session, how);
      }
    }
    return true;
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

    @Override
    public void whenGone(Runnable action) {
      gone.set(action);
    }
  }
}
