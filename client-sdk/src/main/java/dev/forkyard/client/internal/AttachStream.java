package dev.forkyard.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream that joins a client to a process.
 *
 * <p>Output is handed over piece by piece on an executor, and the next piece is asked for when the
 * one before has been dealt with. Input is sent as far as the daemon has room. Thread-safe.
 */
public final class AttachStream {
  private static final int PIECE_BYTES = 64 << 10;

  private final ClientCall<AttachProcessRequest, AttachProcessResponse> call;
  private final Executor executor;
  private final Consumer<OutputPiece> output;
  private final CompletableFuture<Integer> attached = new CompletableFuture<>();
  private final CompletableFuture<ProcessInfo> exited = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int room;

  @GuardedBy("lock")
  private @Nullable StatusRuntimeException ended;

  /**
   * Completes when the output that came so far has been dealt with; of the thread that receives.
   */
  private CompletableFuture<?> delivered = CompletableFuture.completedFuture(null);

  private @Nullable ProcessInfo last;

  /**
   * Attaches to a process.
   *
   * @param channel the connection to the daemon
   * @param executor what hands output over
   * @param options what to attach to
   * @param output what gets the output; when it throws, the stream ends
   */
  public AttachStream(
      Channel channel, Executor executor, AttachOptions options, Consumer<OutputPiece> output) {
    this.executor = executor;
    this.output = output;
    call = channel.newCall(ProcessServiceGrpc.getAttachProcessMethod(), CallOptions.DEFAULT);
    call.start(new Events(), new Metadata());
    call.request(1);
    call.sendMessage(AttachProcessRequest.newBuilder().setOpen(options).build());
  }

  /** {@return how much input the daemon takes ahead, in bytes, when the stream is open} */
  public CompletableFuture<Integer> attached() {
    return attached;
  }

  /** {@return the process, when it has ended and all output was handed over} */
  public CompletableFuture<ProcessInfo> exited() {
    return exited;
  }

  /**
   * Sends input, waiting for room.
   *
   * @param input the bytes
   * @throws StatusRuntimeException if the stream has ended
   * @throws InterruptedException if interrupted; some pieces may have been sent then
   */
  public void write(ByteString input) throws InterruptedException {
    ByteString rest = input;
    while (!rest.isEmpty()) {
      rest = rest.substring(writePiece(rest));
    }
  }

  /**
   * Sends something other than input.
   *
   * @param request what to send
   * @throws StatusRuntimeException if the stream has ended
   */
  public void send(AttachProcessRequest request) {
    synchronized (lock) {
      checkOpen();
      call.sendMessage(request);
    }
  }

  /** Detaches: what was sent arrives, and no further output is handed over. */
  public void close() {
    StatusRuntimeException why = detached();
    synchronized (lock) {
      if (ended != null) {
        return;
      }
      ended = why;
      lock.notifyAll();
      call.halfClose();
    }
    exited.completeExceptionally(why);
  }

  private int writePiece(ByteString rest) throws InterruptedException {
    synchronized (lock) {
      while (room <= 0 && ended == null) {
        lock.wait();
      }
      checkOpen();
      int size = Math.min(Math.min(rest.size(), room), PIECE_BYTES);
      room -= size;
      call.sendMessage(AttachProcessRequest.newBuilder().setInput(rest.substring(0, size)).build());
      return size;
    }
  }

  @GuardedBy("lock")
  private void checkOpen() {
    if (ended != null) {
      throw ended;
    }
  }

  private void addRoom(int bytes) {
    synchronized (lock) {
      room += bytes;
      lock.notifyAll();
    }
  }

  private boolean isOpen() {
    synchronized (lock) {
      return ended == null;
    }
  }

  private void deliver(OutputPiece piece) {
    delivered =
        delivered
            .thenRunAsync(
                () -> {
                  if (isOpen()) {
                    output.accept(piece);
                  }
                  call.request(1);
                },
                executor)
            .whenComplete(
                (done, error) -> {
                  if (error != null) {
                    exited.completeExceptionally(error);
                    call.cancel("the receiver of output failed", error);
                  }
                });
  }

  private void end(StatusRuntimeException why) {
    synchronized (lock) {
      if (ended == null) {
        ended = why;
      }
      lock.notifyAll();
    }
    attached.completeExceptionally(why);
  }

  private static StatusRuntimeException detached() {
    return Refusals.of(
        Code.CANCELLED,
        "DETACHED",
        "this attachment was closed and the process goes on; attach again",
        Map.of());
  }

  private final class Events extends ClientCall.Listener<AttachProcessResponse> {
    @Override
    public void onMessage(AttachProcessResponse event) {
      switch (event.getEventCase()) {
        case OUTPUT -> {
          deliver(event.getOutput());
          return;
        }
        case ATTACHED -> {
          int window = event.getAttached().getInputWindowBytes();
          addRoom(window);
          attached.complete(window);
        }
        case INPUT_ACCEPTED -> addRoom(event.getInputAccepted().getBytes());
        case EXITED -> last = event.getExited();
        case EVENT_NOT_SET -> {}
      }
      call.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      ProcessInfo process = last;
      if (process != null && status.isOk()) {
        var unused = delivered.thenRunAsync(() -> finish(process), executor);
        return;
      }
      StatusRuntimeException why = status.isOk() ? detached() : status.asRuntimeException(trailers);
      end(why);
      var unused =
          delivered.whenCompleteAsync((done, error) -> exited.completeExceptionally(why), executor);
    }

    private void finish(ProcessInfo process) {
      end(
          Refusals.of(
              Code.FAILED_PRECONDITION,
              "INPUT_CLOSED",
              "the process has ended and takes nothing any more",
              Map.of("process_id", process.getProcessId())));
      exited.complete(process);
    }
  }
}
