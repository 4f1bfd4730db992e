package dev.forkyard.client;

import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.PipeServiceGrpc;
import java.lang.reflect.Type;

/** Creates pipes. Thread-safe. */
public final class Pipes {
  private final Wire wire;

  Pipes(Wire wire) {
    this.wire = wire;
  }

  /**
   * Creates a pipe that ends with this session, or later with the last process that holds an end.
   * Creating it is not holding an end: an end is held from its first use, or from when it was given
   * to a process.
   *
   * @param type type of its messages, in both directions
   * @param <T> type of its messages
   * @return the pipe
   */
  public <T> Pipe<T> create(Class<T> type) {
    return createOf(type);
  }

  /**
   * Creates a pipe of generic messages, as {@link #create(Class)} does.
   *
   * @param type type of its messages, in both directions
   * @param <T> type of its messages
   * @return the pipe
   */
  public <T> Pipe<T> create(TypeRef<T> type) {
    return createOf(type.type());
  }

  private <T> Pipe<T> createOf(Type type) {
    CreatePipeRequest request =
        CreatePipeRequest.newBuilder().setOwnerSessionId(wire.sessionId()).build();
    return new Pipe<>(
        wire,
        wire.call(PipeServiceGrpc.getCreatePipeMethod(), request).getPipe().getPipeId(),
        type);
  }
}
