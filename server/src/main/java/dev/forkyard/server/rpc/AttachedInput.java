package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.process.ByteQueue;
import dev.forkyard.server.process.ProcessIo;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.InputAccepted;
import org.jspecify.annotations.Nullable;

/**
 * The input of one attached client. One write is under way at a time; what comes meanwhile is kept
 * up to the window, and written together. Thread-safe.
 */
final class AttachedInput {
  /** Most bytes that the client may send and not be told to be accepted. */
  static final int WINDOW_BYTES = 64 << 10;

  private final ProcessIo io;
  private final String processId;
  private final AnswerStream<AttachProcessResponse> answers;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ByteQueue waiting = new ByteQueue();

  /** Bytes that were sent, and not told to be accepted. */
  @GuardedBy("lock")
  private int open;

  /** Bytes that were accepted, which the client is to be told. */
  @GuardedBy("lock")
  private int accepted;

  @GuardedBy("lock")
  private @Nullable Write write;

  @GuardedBy("lock")
  private boolean endRequested;

  @GuardedBy("lock")
  private boolean ended;

  @GuardedBy("lock")
  private @Nullable Runnable whenAccepted;

  AttachedInput(ProcessIo io, String processId, AnswerStream<AttachProcessResponse> answers) {
    this.io = io;
    this.processId = processId;
    this.answers = answers;
  }

  /**
   * Writes after what came before.
   *
   * @throws Fault INPUT_FULL for more than the window, INPUT_CLOSED after the end
   */
  void add(byte[] bytes) {
    synchronized (lock) {
      if (endRequested) {
        throw new Fault(Reason.INPUT_CLOSED, "Input came after end_of_input; send none after it.");
      }
      if (open + (long) bytes.length > WINDOW_BYTES) {
        throw new Fault(
                Reason.INPUT_FULL,
                "More than "
                    + WINDOW_BYTES
                    + " bytes of input are not accepted yet; wait for input_accepted before you"
                    + " send more.")
            .with("limit", WINDOW_BYTES);
      }
      open += bytes.length;
      waiting.add(bytes);
    }
    goOn();
  }

  /** Ends the input after what came before. */
  void end() {
    synchronized (lock) {
      endRequested = true;
    }
    goOn();
  }

  /** Runs an action when everything that came was accepted. */
  void whenAccepted(Runnable action) {
    synchronized (lock) {
      whenAccepted = action;
    }
    goOn();
  }

  /** Begins the next thing that is due, unless a write is under way. */
  private void goOn() {
    Write next = null;
    boolean endNow = false;
    Runnable done = null;
    synchronized (lock) {
      if (write != null) {
        return;
      }
      if (!waiting.isEmpty()) {
        next = new Write(waiting.removeAll());
        write = next;
      } else {
        endNow = endRequested && !ended;
        ended = ended || endNow;
        done = whenAccepted;
      }
    }
    if (next != null) {
      next.begin();
    } else {
      if (endNow) {
        io.closeInput(processId, new Closing());
      }
      if (done != null) {
        done.run();
      }
    }
  }

  /** Tells the client what was accepted, if it can take that. */
  void tellAccepted() {
    int bytes;
    synchronized (lock) {
      if (accepted == 0 || !answers.isReady()) {
        return;
      }
      bytes = accepted;
      accepted = 0;
      open -= bytes;
    }
    answers.send(
        AttachProcessResponse.newBuilder()
            .setInputAccepted(InputAccepted.newBuilder().setBytes(bytes))
            .build());
  }

  /** Forgets what was not accepted. */
  void discard() {
    Write current;
    synchronized (lock) {
      waiting.removeAll();
      current = write;
    }
    if (current != null) {
      current.gone.fire();
    }
  }

  private void written(Write done) {
    synchronized (lock) {
      write = null;
      accepted += done.bytes.length;
    }
    tellAccepted();
    goOn();
  }

  /** One write to the process. */
  private final class Write implements Reply<Long> {
    private final byte[] bytes;
    private final GoneAction gone = new GoneAction();

    private Write(byte[] bytes) {
      this.bytes = bytes;
    }

    private void begin() {
      try {
        io.writeInput(processId, bytes, null, this);
      } catch (Fault fault) {
        refuse(fault);
      }
    }

    @Override
    public void answer(Long acceptedBytes) {
      written(this);
    }

    /** What nobody reads any more is thrown away: the client is to learn how the process ended. */
    @Override
    public void refuse(Fault fault) {
      if (ProcessIo.isUnread(fault)) {
        written(this);
      } else {
        answers.refuse(fault);
      }
    }

    @Override
    public void whenGone(Runnable action) {
      gone.set(action);
    }
  }

  /** Closing again is no error. */
  private final class Closing implements Reply<Boolean> {
    @Override
    public void answer(Boolean closed) {}

    @Override
    public void refuse(Fault fault) {
      answers.refuse(fault);
    }

    @Override
    public void whenGone(Runnable action) {}
  }
}
