package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.process.FollowedPiece;
import dev.forkyard.server.process.OutputFollower;
import dev.forkyard.server.process.ProcessIo;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.Attached;
import dev.forkyard.v1.ProcessInfo;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One AttachProcess call. Its messages come one at a time; input that the process has no room for
 * waits beside them, so that it holds up neither sizes nor signals.
 */
final class AttachStream implements StreamObserver<AttachProcessRequest>, OutputFollower.Taker {
  private final WaiterLimit limit;
  private final ProcessManager processes;
  private final ProcessIo io;
  private final AnswerStream<AttachProcessResponse> answers;

  /** It is counted itself, as no follower is yet. */
  private final AtomicBoolean counted = new AtomicBoolean();

  private String processId = "";
  private volatile boolean asText;
  private volatile @Nullable OutputFollower follower;
  private volatile @Nullable AttachedInput input;

  AttachStream(
      OpenCalls open,
      WaiterLimit limit,
      ProcessManager processes,
      ProcessIo io,
      ServerCallStreamObserver<AttachProcessResponse> observer) {
    this.limit = limit;
    this.processes = processes;
    this.io = io;
    this.answers = new AnswerStream<>(open, observer, this::ready);
  }

  /** Counts it, and lets the end of the daemon end it too. */
  AttachStream begin() {
    answers.begin();
    try {
      limit.enter();
      counted.set(true);
      answers.whenOver(this::uncount);
    } catch (Fault tooMany) {
      refuse(tooMany);
    }
    return this;
  }

  private void uncount() {
    if (counted.compareAndSet(true, false)) {
      limit.left();
    }
  }

  @Override
  public void onNext(AttachProcessRequest request) {
    if (answers.isOver()) {
      return; // messages that came together with the one that ended it
    }
    try {
      AttachedInput opened = input;
      if (request.hasOpen()) {
        open(request.getOpen());
      } else if (opened == null) {
        throw new Fault(
            Reason.OPEN_EXPECTED,
            "The first message of AttachProcess must be open; send it first.");
      } else {
        act(request, opened);
      }
    } catch (Fault fault) {
      refuse(fault);
    } catch (RuntimeException bug) {
      refuse(Refusals.bug("AttachProcess", bug));
    }
  }

  private void open(AttachOptions options) {
    if (input != null) {
      throw new Fault(
          Reason.ALREADY_OPEN, "This stream is attached already; use another for another process.");
    }
    processId = options.getProcessId();
    asText = options.getAsText();
    ProcessSnapshot process = processes.get(processId);
    AttachedInput mine = new AttachedInput(io, processId, answers);
    uncount(); // the follower is counted in its place
    OutputFollower output = io.follow(OutputPieces.request(options), this);
    answers.whenOver(
        () -> {
          output.close();
          mine.discard();
        });
    answers.send(attached(process));
    input = mine;
    follower = output;
    output.advance(); // it was held back until the client knew that it is attached
  }

  private AttachProcessResponse attached(ProcessSnapshot process) {
    int window = io.takesInput(processId) ? AttachedInput.WINDOW_BYTES : 0;
    return AttachProcessResponse.newBuilder()
        .setAttached(
            Attached.newBuilder()
                .setProcess(ProcessMessages.wire(process))
                .setInputWindowBytes(window))
        .build();
  }

  private void act(AttachProcessRequest request, AttachedInput opened) {
    switch (request.getActionCase()) {
      case INPUT -> opened.add(request.getInput().toByteArray());
      case INPUT_TEXT -> opened.add(request.getInputTextBytes().toByteArray());
      case RESIZE -> io.resize(processId, Commands.size("resize", request.getResize()));
      case SIGNAL -> processes.signal(processId, request.getSignal(), true, new Unanswered());
      case END_OF_INPUT -> opened.end();
      case OPEN -> throw new IllegalStateException("handled before");
      case ACTION_NOT_SET ->
          throw Fault.invalid(
              "action",
              "The message is empty; set input, input_text, resize, signal or end_of_input.");
    }
  }

  /** The client sends nothing more: it is detached as soon as what it sent is accepted. */
  @Override
  public void onCompleted() {
    OutputFollower output = follower;
    if (output != null) {
      output.close();
    }
    AttachedInput opened = input;
    if (opened == null) {
      answers.complete();
    } else {
      opened.whenAccepted(answers::complete);
    }
  }

  @Override
  public void onError(Throwable broken) {
    // the stream of answers knows of the cancel
  }

  private void ready() {
    AttachedInput opened = input;
    if (opened != null) {
      opened.tellAccepted();
    }
    OutputFollower output = follower;
    if (output != null) {
      output.advance();
    }
  }

  @Override
  public boolean isReady() {
    return follower != null && answers.isReady();
  }

  @Override
  public void take(FollowedPiece piece) {
    answers.send(
        AttachProcessResponse.newBuilder().setOutput(OutputPieces.wire(piece, asText)).build());
  }

  @Override
  public void complete() {
    try {
      ProcessInfo process = ProcessMessages.wire(processes.lastEnd(processId));
      answers.complete(AttachProcessResponse.newBuilder().setExited(process).build());
    } catch (Fault deleted) {
      refuse(deleted);
    }
  }

  @Override
  public void refuse(Fault fault) {
    answers.refuse(fault);
  }

  /** What came of a signal is seen in the process; only a refusal is told. */
  private final class Unanswered implements Reply<Boolean> {
    @Override
    public void answer(Boolean sent) {}

    @Override
    public void refuse(Fault fault) {
      answers.refuse(fault);
    }

    @Override
    public void whenGone(Runnable action) {}
  }
}
