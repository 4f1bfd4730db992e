package dev.forkyard.client;

import dev.forkyard.client.internal.Handle;
import dev.forkyard.v1.DeletePipeRequest;
import dev.forkyard.v1.PipeServiceGrpc;
import java.lang.reflect.Type;

/**
 * Two ends: what is sent into one is received at the other, in order, message by message.
 * Thread-safe. In a {@linkplain PipeOptions#simplex simplex} pipe messages travel only from the
 * right end to the left.
 *
 * @param <T> type of the messages
 */
public final class Pipe<T> {
  private final Wire wire;
  private final String id;
  private final PipeEnd<T> left;
  private final PipeEnd<T> right;

  Pipe(Wire wire, String id, Type type) {
    this.wire = wire;
    this.id = id;
    this.left = new PipeEnd<>(wire, id, Handle.Side.LEFT, type);
    this.right = new PipeEnd<>(wire, id, Handle.Side.RIGHT, type);
  }

  /** {@return the id of the pipe} */
  public String id() {
    return id;
  }

  /** {@return the end that its creator usually keeps} */
  public PipeEnd<T> left() {
    return left;
  }

  /** {@return the end that its creator usually gives away} */
  public PipeEnd<T> right() {
    return right;
  }

  /** Deletes the pipe with what is in it; who waits on it is refused with PIPE_NOT_FOUND. */
  public void delete() {
    wire.call(
        PipeServiceGrpc.getDeletePipeMethod(),
        DeletePipeRequest.newBuilder().setPipeId(id).build());
  }

  @Override
  public String toString() {
    return "Pipe[" + id + "]";
  }
}
