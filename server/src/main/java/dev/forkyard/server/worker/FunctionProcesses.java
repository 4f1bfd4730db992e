package dev.forkyard.server.worker;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.Parent;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs one call of a function in a process of its own. Thread-safe; no method waits. */
public final class FunctionProcesses {
  private final Workers workers;
  private final Handles handles;
  private final Wrapping wrapping;

  /** Makes the argument list of one call the list of argument lists of one chunk. */
  public interface Wrapping {
    Payload oneCall(Payload arguments);

    /** The only result of a list of one. */
    Payload onlyResult(Payload results);
  }

  public FunctionProcesses(Workers workers, Handles handles, Wrapping wrapping) {
    this.workers = workers;
    this.handles = handles;
    this.wrapping = wrapping;
  }

  /**
   * What to run, and for whom.
   *
   * @param caller whose child it is, and who is given what handles in the result refer to; null for
   *     nobody
   */
  public record Request(
      String processId,
      FunctionName function,
      Payload arguments,
      WorkerSpec spec,
      Owner owner,
      @Nullable Session caller,
      ProcessOptions options) {}

  /**
   * Starts a function; answers when its process runs. The process holds what its arguments refer to
   * from its start; what its result refers to is held until the process is forgotten, but an end of
   * a pipe only until somebody has it.
   */
  public void start(Request request, Reply<ProcessSnapshot> reply) {
    Hold hold = handles.hold(request.arguments().handles());
    Call call = new Call(request, hold);
    call.begin(reply);
  }

  /** One call and its worker. */
  private final class Call implements WorkerListener {
    private final Request request;
    private final Hold hold;
    private final CompletableFuture<@Nullable FunctionOutcome> outcome = new CompletableFuture<>();
    private volatile String processId = "";

    Call(Request request, Hold hold) {
      this.request = request;
      this.hold = hold;
    }

    void begin(Reply<ProcessSnapshot> reply) {
      Workers.Request start =
          new Workers.Request(
              request.processId(),
              request.spec(),
              Workers.Mode.PROCESS,
              request.function(),
              request.owner(),
              Parent.of(request.caller()),
              request.options());
      workers.start(start, this, outcome, new Revoking(reply, hold));
    }

    @Override
    public void started(ProcessSnapshot process, Session session) {
      processId = process.id();
      hold.shareWith(session);
      hold.release();
    }

    @Override
    public void ready(WorkerLink link) {
      Payload arguments = wrapping.oneCall(request.arguments());
      link.assign(new Assignment(1, request.function(), 0, 1, arguments));
      link.drain();
    }

    @Override
    public void results(Results results) {
      Hold targets = handles.holdForResult(results.payload().handles());
      if (request.caller() != null) {
        targets.shareWith(request.caller());
      }
      Payload result = wrapping.onlyResult(results.payload());
      if (!outcome.complete(FunctionOutcome.returned(result, targets))) {
        targets.release(); // it was told twice
      }
    }

    @Override
    public void failed(int number, int index, Failure failure) {
      outcome.complete(FunctionOutcome.failed(failure.in(processId, 1)));
    }

    @Override
    public void disconnected() {}

    @Override
    public void lost(WorkerDeath death) {
      Failure failure =
          Failure.of(
                  Failure.Kind.WORKER_LOST,
                  "The process "
                      + processId
                      + " ended before its function did: "
                      + death.inWords()
                      + "."
                      + death.blame())
              .in(processId, death.running() == null ? 0 : 1)
              .withEvidence(death.inWords(), death.stderrTail());
      outcome.complete(FunctionOutcome.failed(failure));
    }
  }

  /** Takes the handles back when nothing was started. */
  private record Revoking(Reply<ProcessSnapshot> reply, Hold hold)
      implements Reply<ProcessSnapshot> {
    @Override
    public void answer(ProcessSnapshot answer) {
      reply.answer(answer);
    }

    @Override
    public void refuse(Fault fault) {
      hold.revoke();
      reply.refuse(fault);
    }

    @Override
    public void whenGone(Runnable action) {
      reply.whenGone(action);
    }
  }
}
