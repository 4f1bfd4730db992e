package dev.forkyard.client;

import com.google.protobuf.ByteString;
import dev.forkyard.client.internal.Handle;
import dev.forkyard.client.internal.HandleValue;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.ClosePipeEndRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PollPipeRequest;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.ReceiveMessagesResponse;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SessionCall;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pipe.
 *
 * <p>It can be an argument of a function, an item of a queue or a message of another pipe: the
 * receiver gets the same end and holds it. This process holds it from its first use until {@link
 * #close} or its death. When everybody who had it has let go of it, the other end is told, and it
 * stays closed (PIPE_END_CLOSED) for whoever uses it later. Thread-safe; each message has one
 * receiver.
 *
 * <p>Waiting methods can be interrupted. If the operation was done before the interrupt reached the
 * daemon, they return as if it had not come and leave the thread interrupted. Every method throws a
 * {@link ForkyardException} with reason PIPE_NOT_FOUND when the pipe was deleted.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * Any number of threads and processes may use the same end, and a process that is killed while it
 * sends has sent whole messages only. The end of the pipe does not wait for the creator: creating a
 * pipe is not holding its ends. {@code send_bytes} and {@code recv_bytes} are {@link #send} and
 * {@link #receive} of a pipe of {@code byte[]}; a message that is longer than the receiver allows
 * stays, and so does the pipe.
 *
 * @param <T> type of the messages
 */
public final class PipeEnd<T> extends HandleValue implements AutoCloseable, Waitable {
  private static final int ANY_LENGTH = 0;

  private final Wire wire;
  private final String pipeId;
  private final Handle.Side side;
  private final Type type;
  private final boolean isOfBytes;

  PipeEnd(Wire wire, String pipeId, Handle.Side side, Type type) {
    super(new Handle.PipeEnd(pipeId, side));
    this.wire = wire;
    this.pipeId = pipeId;
    this.side = side;
    this.type = type;
    this.isOfBytes = wire.codec().isBytes(type);
  }

  /** {@return the id of the pipe} */
  public String pipeId() {
    return pipeId;
  }

  /**
   * Sends a message, waiting for room. Returns when the daemon has it.
   *
   * @param message the message
   * @throws ForkyardException with reason PIPE_BROKEN if nobody is left at the other end,
   *     PIPE_END_CLOSED after {@link #close}, PIPE_READ_ONLY at the left end of a simplex pipe,
   *     NOT_CONVERTIBLE if the message cannot be encoded, MESSAGE_TOO_LARGE if it has nearly 4 MiB
   *     or more
   * @throws InterruptedException if interrupted; the message was not sent then
   */
  public void send(T message) throws InterruptedException {
    sendMessage(message, null);
  }

  /**
   * Sends a message, waiting for room no longer than said.
   *
   * @param message the message
   * @param timeout how long to wait; zero or less does not wait
   * @throws ForkyardException with reason PIPE_FULL if there was no room in time; and as {@link
   *     #send(Object)}
   * @throws InterruptedException if interrupted; the message was not sent then
   */
  public void send(T message, Duration timeout) throws InterruptedException {
    sendMessage(message, timeout);
  }

  /**
   * Sends a message if there is room now.
   *
   * @param message the message
   * @return false if there is no room, and nothing was sent
   * @throws ForkyardException as {@link #send(Object)}
   * @throws InterruptedException if interrupted; the message was not sent then
   */
  public boolean trySend(T message) throws InterruptedException {
    try {
      sendMessage(message, Duration.ZERO);
      return true;
    } catch (ForkyardException e) {
      if (e.reason().equals("PIPE_FULL")) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Receives the next message, waiting for one.
   *
   * @return the message
   * @throws PipeEndedException if nothing is left and nobody is left at the other end
   * @throws ForkyardException with reason PIPE_END_CLOSED after {@link #close}, PIPE_WRITE_ONLY at
   *     the right end of a simplex pipe; NOT_CONVERTIBLE or NULL_ITEM if the message is no {@code
   *     T}, in which case it is gone
   * @throws InterruptedException if interrupted; no message was received then
   */
  public T receive() throws InterruptedException {
    return receiveMessage(null, ANY_LENGTH).orElseThrow();
  }

  /**
   * Receives the next message, waiting for one no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the message; empty if none came in time
   * @throws PipeEndedException if nothing is left and nobody is left at the other end
   * @throws ForkyardException as {@link #receive()}
   * @throws InterruptedException if interrupted; no message was received then
   */
  public Optional<T> receive(Duration timeout) throws InterruptedException {
    return receiveMessage(timeout, ANY_LENGTH);
  }

  /**
   * Receives the next message if it is not too long, waiting for one.
   *
   * @param maxBytes length of the longest message that is taken, at least 1: of {@code byte[]} the
   *     bytes, of every other type the bytes of its JSON text
   * @return the message
   * @throws PipeEndedException if nothing is left and nobody is left at the other end
   * @throws ForkyardException with reason MESSAGE_TOO_LONG if the next message is longer; it stays,
   *     and can be received with more room; and as {@link #receive()}
   * @throws InterruptedException if interrupted; no message was received then
   */
  public T receiveAtMost(int maxBytes) throws InterruptedException {
    return receiveMessage(null, checkLength(maxBytes)).orElseThrow();
  }

  /**
   * Receives the next message if it is not too long, waiting for one no longer than said.
   *
   * @param maxBytes length of the longest message that is taken, as {@link #receiveAtMost(int)}
   * @param timeout how long to wait; zero or less does not wait
   * @return the message; empty if none came in time
   * @throws PipeEndedException if nothing is left and nobody is left at the other end
   * @throws ForkyardException as {@link #receiveAtMost(int)}
   * @throws InterruptedException if interrupted; no message was received then
   */
  public Optional<T> receiveAtMost(int maxBytes, Duration timeout) throws InterruptedException {
    return receiveMessage(timeout, checkLength(maxBytes));
  }

  /**
   * {@return whether a receive would not wait} There is a message, or it is the end of the pipe. By
   * the time it is read somebody else may have received the message.
   *
   * @throws ForkyardException with reason PIPE_END_CLOSED after {@link #close}, PIPE_WRITE_ONLY at
   *     the right end of a simplex pipe
   * @throws InterruptedException if interrupted
   */
  public boolean poll() throws InterruptedException {
    return poll(Duration.ZERO);
  }

  /**
   * Waits until a receive would not wait, no longer than said, and receives nothing. {@link
   * Forkyard#waitAny} waits for several things, and for ever.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return true when there is a message, or it is the end of the pipe; false if neither came in
   *     time
   * @throws ForkyardException as {@link #poll()}
   * @throws InterruptedException if interrupted
   */
  public boolean poll(Duration timeout) throws InterruptedException {
    return wire.callInterruptibly(pollCall(timeout)).getPollPipe().getReadable();
  }

  /**
   * Gives the end up for this process; when no other holds it, the other end receives what is left
   * and then the end of the pipe. Doing it again changes nothing. Says nothing if the pipe, the
   * session or the daemon is gone.
   */
  @Override
  public void close() {
    ClosePipeEndRequest request =
        ClosePipeEndRequest.newBuilder()
            .setPipeId(pipeId)
            .setSide(Protos.side(side))
            .setSessionId(wire.sessionId())
            .build();
    GiveUp.ifHeld(() -> wire.callRepeatable(PipeServiceGrpc.getClosePipeEndMethod(), request));
  }

  @Override
  public String toString() {
    return "PipeEnd[" + pipeId + " " + side + "]";
  }

  /** Begins to wait until a receive would not wait. */
  Readiness readiness() {
    return Readiness.ofCall(wire, pollCall(null));
  }

  private SessionCall.Builder pollCall(@Nullable Duration timeout) {
    PollPipeRequest.Builder request =
        PollPipeRequest.newBuilder().setPipeId(pipeId).setSide(Protos.side(side));
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    return SessionCall.newBuilder().setPollPipe(request);
  }

  private void sendMessage(T message, @Nullable Duration timeout) throws InterruptedException {
    SendMessagesRequest.Builder request =
        SendMessagesRequest.newBuilder()
            .setPipeId(pipeId)
            .setSide(Protos.side(side))
            .addMessages(encode(Objects.requireNonNull(message, "message")));
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    SendMessagesRequest send = request.build();
    Values.checkMessage(send.getSerializedSize());
    wire.callInterruptibly(SessionCall.newBuilder().setSendMessages(send));
  }

  private Optional<T> receiveMessage(@Nullable Duration timeout, int maxBytes)
      throws InterruptedException {
    ReceiveMessagesRequest.Builder request =
        ReceiveMessagesRequest.newBuilder()
            .setPipeId(pipeId)
            .setSide(Protos.side(side))
            .setMaxMessages(1)
            .setMaxBytes(maxBytes);
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    ReceiveMessagesResponse received =
        wire.callInterruptibly(SessionCall.newBuilder().setReceiveMessages(request))
            .getReceiveMessages();
    if (received.getEnd()) {
      throw new PipeEndedException(pipeId);
    }
    return received.getMessagesList().stream().findFirst().map(this::decode);
  }

  private Payload encode(T message) {
    return isOfBytes && message instanceof byte[] bytes
        ? Payload.newBuilder().setData(ByteString.copyFrom(bytes)).setType("bytes").build()
        : Values.encode(wire.codec(), message);
  }

  @SuppressWarnings("unchecked") // T is byte[]
  private T decode(Payload message) {
    return isOfBytes && message.hasData()
        ? (T) message.getData().toByteArray()
        : Values.decode(wire.codec(), message, type);
  }

  private static int checkLength(int maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException(
          "the longest message that is taken has at least 1 byte, not " + maxBytes);
    }
    return maxBytes;
  }
}
