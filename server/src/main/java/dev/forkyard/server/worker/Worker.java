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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One worker: a process and its connection. Thread-safe. What comes over the connection is passed
 * on by the thread of the connection, so it is in order; the end is passed on after both the
 * process and the connection have ended.
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
  private final WorkerFiles files;
  private final CompletableFuture<Done> disconnected = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private State state = State.STARTING;

  @GuardedBy("lock")
  private String processId = "";

  Worker(String token, WorkerListener listener, WorkerFiles files) {
    this.token = token;
    this.listener = listener;
    this.files = files;
  }

  String token() {
    return token;
  }

  /** Takes the connection of a worker that showed its token; false when it comes too late. */
  public boolean connected(WorkerLink link) {
    synchronized (lock) {
      if (state != State.STARTING) {
        return false;
      }
      state = TABLE.after(state, Event.SAID_HELLO);
    }
    listener.ready(link);
    return true;
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
    disconnected.complete(Done.DONE);
  }

  /** Follows the life of the process. */
  ProcessHooks hooks(CompletableFuture<@Nullable FunctionOutcome> outcome) {
    return new ProcessHooks() {
      @Override
      public void started(ProcessSnapshot process, Session session) {
        synchronized (lock) {
          processId = process.id();
        }
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
    synchronized (lock) {
      if (state == State.STARTING) {
        disconnected.complete(Done.DONE);
      }
      state = TABLE.after(state, Event.ENDED);
      id = processId;
    }
    return disconnected
        .thenCompose(nothing -> files.remains(id))
        .thenApply(left -> lost(exit, left));
  }

  private Done lost(ProcessExit exit, WorkerFiles.Remains left) {
    if (left.unsent() != null) {
      listener.results(left.unsent());
    }
    listener.lost(
        new WorkerDeath(exit.inWords(), exit.isSuccess(), left.stderrTail(), left.running()));
    return Done.DONE;
  }
}
