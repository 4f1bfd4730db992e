package dev.forkyard.client;

import dev.forkyard.v1.CreatePipeResponse;
import dev.forkyard.v1.GetPipeRequest;
import dev.forkyard.v1.PipeServiceGrpc;
import java.lang.reflect.Type;
import java.util.concurrent.CompletableFuture;

/**
 * Creates pipes, and finds those that were created. Thread-safe.
 *
 * <p>A pipe ends with this session, or later with the last process that holds one of its ends.
 * Creating it is not holding an end: an end is held from its first use, or from when it was given
 * to a process.
 *
 * <p>The type of the messages is that in both directions. A pipe of {@code byte[]} carries the
 * bytes as they are; every other type crosses as JSON.
 */
public final class Pipes {
  private final Wire wire;

  Pipes(Wire wire) {
    this.wire = wire;
  }

  /**
   * Creates a pipe.
   *
   * @param type type of its messages
   * @param <T> type of its messages
   * @return the pipe
   */
  public <T> Pipe<T> create(Class<T> type) {
    return createOf(type, PipeOptions.defaults());
  }

  /**
   * Creates a pipe.
   *
   * @param type type of its messages
   * @param options whether it is simplex, and what it has room for
   * @param <T> type of its messages
   * @return the pipe
   * @throws ForkyardException with reason INVALID_ARGUMENT for a capacity that the daemon does not
   *     take
   */
  public <T> Pipe<T> create(Class<T> type, PipeOptions options) {
    return createOf(type, options);
  }

  /**
   * Creates a pipe of generic messages.
   *
   * @param type type of its messages
   * @param <T> type of its messages
   * @return the pipe
   */
  public <T> Pipe<T> create(TypeRef<T> type) {
    return createOf(type.type(), PipeOptions.defaults());
  }

  /**
   * Creates a pipe of generic messages.
   *
   * @param type type of its messages
   * @param options whether it is simplex, and what it has room for
   * @param <T> type of its messages
   * @return the pipe
   * @throws ForkyardException as {@link #create(Class, PipeOptions)}
   */
  public <T> Pipe<T> create(TypeRef<T> type, PipeOptions options) {
    return createOf(type.type(), options);
  }

  /**
   * Finds a pipe. That is not holding an end of it.
   *
   * @param id its id
   * @param type type of its messages
   * @param <T> type of its messages
   * @return the pipe
   * @throws ForkyardException with reason PIPE_NOT_FOUND
   */
  public <T> Pipe<T> get(String id, Class<T> type) {
    return new Pipe<>(wire, find(id), type);
  }

  /**
   * Finds a pipe of generic messages. That is not holding an end of it.
   *
   * @param id its id
   * @param type type of its messages
   * @param <T> type of its messages
   * @return the pipe
   * @throws ForkyardException with reason PIPE_NOT_FOUND
   */
  public <T> Pipe<T> get(String id, TypeRef<T> type) {
    return new Pipe<>(wire, find(id), type.type());
  }

  private String find(String id) {
    return wire.callRepeatable(
            PipeServiceGrpc.getGetPipeMethod(), GetPipeRequest.newBuilder().setPipeId(id).build())
        .getPipe()
        .getPipeId();
  }

  private <T> Pipe<T> createOf(Type type, PipeOptions options) {
    CompletableFuture<CreatePipeResponse> made =
        wire.startRepeatable(
            PipeServiceGrpc.getCreatePipeMethod(), options.toRequest(wire.sessionId()));
    return new Pipe<>(wire, Wire.join(made).getPipe().getPipeId(), type);
  }
}
