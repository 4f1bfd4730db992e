package dev.forkyard.server.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.TransitionTable;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.ProcessExit;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One worker: a process and its connection. Thread-safe. What comes over the connection is passed
 * on by the thread of the connection, so it is in order; the end is passed on after both the
 * process and the connection have ended. The session of the process does not end before the
 * connection: what is in its last results may be kept by that session alone.
 */
public final class Worker {

  private enum State {
    STARTING,
    READY,
    GONE
  }

  private enum Event {
    SAID_HELLO,
    ENDED
  }

  private static final TransitionTable<State, Event> TABLE =
      new TransitionTable<State, Event>()
          .on(State.STARTING, Event.SAID_HELLO, State.READY)
          .on(State.STARTING, Event.ENDED, State.GONE)
          .on(State.READY, Event.ENDED, State.GONE);

  private final String token;
  private final WorkerListener listener;
  private final Life life;
  private final CompletableFuture<Done> disconnected = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private State state = State.STARTING;

  @GuardedBy("lock")
  private String processId = "";

  @GuardedBy("lock")
  private int pid;

  /** What it said against the protocol; empty for nothing. */
  @GuardedBy("lock")
  private String violation = "";

  @GuardedBy("lock")
  private @Nullable WorkerLink link;

  @GuardedBy("lock")
  private @Nullable UnaryWorker unary;

  /**
   * What a worker is made of, besides its connection.
   *
   * @param hasJournal whether it notes in a file what it does
   * @param remains reads what it left, by the id of its process; never fails
   * @param lingers told of a worker when one of its process and its connection has ended, and the
   *     other may not
   */
  record Life(
      boolean hasJournal,
      Function<String, CompletableFuture<WorkerRemains>> remains,
      Consumer<Worker> lingers) {}

  Worker(String token, WorkerListener listener, Life life) {
    this.token = token;
    this.listener = listener;
    this.life = life;
  }

  String token() {
    return token;
  }

  /** Whether it notes in a file what it does; otherwise its link knows which call runs. */
  public boolean hasJournal() {
    return life.hasJournal();
  }

  /** Takes the connection of a worker that showed its token; false when it comes too late. */
  boolean connected(WorkerLink itsLink) {
    synchronized (lock) {
      if (state != State.STARTING) {
        return false;
      }
      state = TABLE.after(state, Event.SAID_HELLO);
      link = itsLink;
    }
    listener.ready(itsLink);
    return true;
  }

  /**
   * The worker as one that makes single calls. It is one from the first on, unless it is connected
   * otherwise.
   *
   * @return null when it is, or has ended
   */
  @Nullable UnaryWorker unary(Function<Worker, UnaryWorker> maker) {
    UnaryWorker made;
    synchronized (lock) {
      if (unary != null || state != State.STARTING) {
        return unary;
      }
      made = maker.apply(this);
      unary = made;
    }
    connected(made);
    return made;
  }

  /** The worker sent results. */
  public void results(Results results) {
    listener.results(results);
  }

  /** The worker sent a failure. */
  public void failed(int number, int index, Failure failure) {
    String id;
    synchronized (lock) {
      id = processId;
    }
    listener.failed(number, index, failure.in(id, failure.attempts()));
  }

  /** The connection has ended; nothing more comes over it. */
  public void disconnected() {
    listener.disconnected();
    disconnected.complete(Done.DONE);
    if (!isGone()) {
      life.lingers().accept(this);
    }
  }

  /** It did what the protocol does not allow, and its connection ends; told with its death. */
  public void brokeProtocol(String sentence) {
    synchronized (lock) {
      violation = sentence;
    }
  }

  /** The id of its process; empty when it has not begun. */
  public String processId() {
    synchronized (lock) {
      return processId;
    }
  }

  /** Whether it runs as this process, and has not connected. */
  boolean isAwaitedFrom(int itsPid) {
    synchronized (lock) {
      return state == State.STARTING && pid == itsPid;
    }
  }

  private boolean isGone() {
    synchronized (lock) {
      return state == State.GONE;
    }
  }

  /** The id of its process; empty when it has ended, or has not begun. */
  String livingProcessId() {
    synchronized (lock) {
      return state == State.GONE ? "" : processId;
    }
  }

  /** Ends a connection that somebody else holds since the process has ended. */
  void closeConnection() {
    WorkerLink itsLink;
    synchronized (lock) {
      itsLink = link;
    }
    if (itsLink != null) {
      itsLink.close();
    }
  }

  /** Follows the life of the process. */
  ProcessHooks hooks(CompletableFuture<@Nullable FunctionOutcome> outcome) {
    return new ProcessHooks() {
      @Override
      public void started(ProcessSnapshot process, Session session) {
        synchronized (lock) {
          processId = process.id();
          pid = process.pid();
        }
        session.attachStream();
        disconnected.thenRun(session::detachStream);
        listener.started(process, session);
      }

      @Override
      public CompletionStage<@Nullable FunctionOutcome> ended(ProcessExit exit) {
        return exited(exit).thenCompose(done -> outcome);
      }
    };
  }

  private CompletableFuture<Done> exited(ProcessExit exit) {
    String id;
    boolean neverConnected;
    UnaryWorker itsUnary;
    synchronized (lock) {
      neverConnected = state == State.STARTING;
      state = TABLE.after(state, Event.ENDED);
      id = processId;
      itsUnary = unary;
    }
    if (itsUnary != null) {
      itsUnary.processEnded();
    } else if (neverConnected) {
      disconnected.complete(Done.DONE);
    } else if (!disconnected.isDone()) {
      life.lingers().accept(this);
    }
    return disconnected
        .thenCompose(nothing -> life.remains().apply(id))
        .thenApply(left -> lost(exit, left));
  }

  private Done lost(ProcessExit exit, WorkerRemains left) {
    if (left.unsent() != null) {
      listener.results(left.unsent());
    }
    RunningCall running = life.hasJournal() ? left.running() : runningByLink();
    String sentence;
    synchronized (lock) {
      sentence = violation;
    }
    listener.lost(
        new WorkerDeath(exit.inWords(), exit.isSuccess(), left.stderrTail(), running, sentence));
    return Done.DONE;
  }

  private @Nullable RunningCall runningByLink() {
    WorkerLink itsLink;
    synchronized (lock) {
      itsLink = link;
    }
    return itsLink == null ? null : itsLink.running();
  }
}
