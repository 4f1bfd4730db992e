package dev.forkyard.client;

import dev.forkyard.client.internal.Handle;
import dev.forkyard.client.internal.HandleValue;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.ClosePipeEndRequest;
import dev.forkyard.v1.PipeServiceGrpc;
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
 * #close} or its death. Thread-safe, unlike Python's; each message has one receiver.
 *
 * <p>Waiting methods can be interrupted. If the operation was done before the interrupt reached the
 * daemon, they return as if it had not come and leave the thread interrupted.
 *
 * @param <T> type of the messages
 */
public final class PipeEnd<T> extends HandleValue implements AutoCloseable {
  private final Wire wire;
  private final String pipeId;
  private final Handle.Side side;
  private final Type type;

  PipeEnd(Wire wire, String pipeId, Handle.Side side, Type type) {
    super(new Handle.PipeEnd(pipeId, side));
    this.wire = wire;
    this.pipeId = pipeId;
    this.side = side;
    this.type = type;
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
   *     PIPE_END_CLOSED after {@link #close}, BATCH_TOO_LARGE if the message can never fit,
   *     NOT_CONVERTIBLE if it cannot be encoded
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
   * Receives the next message, waiting for one.
   *
   * @return the message
   * @throws PipeEndedException if nothing is left and nobody is left at the other end
   * @throws ForkyardException with reason PIPE_END_CLOSED after {@link #close}; NOT_CONVERTIBLE or
   *     NULL_ITEM if the message is no {@code T}, in which case it is gone
   * @throws InterruptedException if interrupted; no message was received then
   */
  public T receive() throws InterruptedException {
    return receiveMessage(null).orElseThrow();
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
    return receiveMessage(timeout);
  }

  /**
   * Gives the end up for this process; when no other holds it, the other end receives what is left
   * and then the end of the pipe. Doing it again changes nothing, nor does a pipe that is gone.
   */
  @Override
  public void close() {
    ClosePipeEndRequest request =
        ClosePipeEndRequest.newBuilder()
            .setPipeId(pipeId)
            .setSide(Protos.side(side))
            .setSessionId(wire.sessionId())
            .build();
    try {
      wire.call(PipeServiceGrpc.getClosePipeEndMethod(), request);
    } catch (ForkyardException e) {
      if (!e.reason().equals("PIPE_NOT_FOUND") && !e.reason().equals("CLIENT_CLOSED")) {
        throw e;
      }
    }
  }

  @Override
  public String toString() {
    return "PipeEnd[" + pipeId + " " + side + "]";
  }

  private void sendMessage(T message, @Nullable Duration timeout) throws InterruptedException {
    SendMessagesRequest.Builder request =
        SendMessagesRequest.newBuilder()
            .setPipeId(pipeId)
            .setSide(Protos.side(side))
            .addMessages(Values.encode(wire.codec(), Objects.requireNonNull(message, "message")));
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    wire.callInterruptibly(SessionCall.newBuilder().setSendMessages(request));
  }

  private Optional<T> receiveMessage(@Nullable Duration timeout) throws InterruptedException {
    ReceiveMessagesRequest.Builder request =
        ReceiveMessagesRequest.newBuilder()
            .setPipeId(pipeId)
            .setSide(Protos.side(side))
            .setMaxMessages(1);
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    ReceiveMessagesResponse received =
        wire.callInterruptibly(SessionCall.newBuilder().setReceiveMessages(request))
            .getReceiveMessages();
    if (received.getEnd()) {
      throw new PipeEndedException(pipeId);
    }
    return received.getMessagesList().stream()
        .findFirst()
        .map(payload -> Values.decode(wire.codec(), payload, type));
  }
}
