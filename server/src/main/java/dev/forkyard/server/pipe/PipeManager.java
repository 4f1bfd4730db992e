package dev.forkyard.server.pipe;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.Direction.Message;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Keepers;
import dev.forkyard.server.session.OwnedThings;
import dev.forkyard.server.session.OwnedThings.Owned;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pipes of the daemon by name. Thread-safe. Every method throws {@link Fault} for what it
 * refuses at once; what it refuses later goes to the reply.
 */
public final class PipeManager {
  private final OwnedThings<MessagePipe> pipes;
  private final Handles handles;
  private final Scheduler scheduler;
  private final WaiterLimit waiters;

  public PipeManager(int limit, Handles handles, Scheduler scheduler, WaiterLimit waiters) {
    this.pipes = new OwnedThings<>(PipeFaults.KIND, limit, MessagePipe::delete);
    this.handles = handles;
    this.scheduler = scheduler;
    this.waiters = waiters;
    handles.register(Handle.Kind.PIPE_END, this::hold);
  }

  public PipeSnapshot create(String id, PipeOptions options, Owner owner) {
    Owned<MessagePipe> owned =
        pipes.create(
            id,
            owner,
            (newId, keepers) -> new MessagePipe(newId, options, keepers, scheduler, waiters));
    owned.thing().followOwner();
    return snapshot(owned);
  }

  private static PipeSnapshot snapshot(Owned<MessagePipe> owned) {
    return owned.thing().snapshot(owned.owner().sessionId());
  }

  public PipeSnapshot get(String id) {
    return snapshot(pipes.get(id));
  }

  /** The pipe of an earlier answer as it is now, or as it was when it is gone. */
  public PipeSnapshot asItIsNow(PipeSnapshot earlier) {
    Owned<MessagePipe> owned = pipes.find(earlier.id());
    return owned == null ? earlier : snapshot(owned);
  }

  /** Sends all messages or none; answers when the pipe has them. */
  public void send(
      String id,
      Side side,
      @Nullable Session session,
      List<Payload> payloads,
      @Nullable Duration timeout,
      Reply<Done> reply) {
    Owned<MessagePipe> pipe = pipes.get(id);
    if (payloads.isEmpty()) {
      throw Fault.invalid("messages", "messages is empty; send at least one message.");
    }
    List<Message> messages = new ArrayList<>(payloads.size());
    try {
      for (Payload payload : payloads) {
        messages.add(new Message(payload, handles.hold(payload.handles(), pipe.keepers())));
      }
      pipe.thing().send(side, session, messages, timeout, reply);
    } catch (Fault refused) {
      messages.forEach(message -> message.hold().revoke());
      throw refused;
    }
  }

  public void receive(
      String id,
      Side side,
      @Nullable Session session,
      ReceiveRequest request,
      Reply<Received> reply) {
    pipes.get(id).thing().receive(side, session, request, reply);
  }

  /** Waits until there is a message, or the end. */
  public void poll(
      String id,
      Side side,
      @Nullable Session session,
      @Nullable Duration timeout,
      Reply<Polled> reply) {
    pipes.get(id).thing().poll(side, session, timeout, reply);
  }

  public PipeSnapshot close(String id, Side side, @Nullable Session session) {
    Owned<MessagePipe> owned = pipes.get(id);
    owned.thing().close(side, session);
    return snapshot(owned);
  }

  /** Deletes a pipe; answers what it was. */
  public PipeSnapshot delete(String id) {
    Owned<MessagePipe> owned = pipes.get(id);
    PipeSnapshot last = snapshot(owned);
    pipes.delete(owned);
    return last;
  }

  public int size() {
    return pipes.size();
  }

  private Hold hold(Handle handle, @Nullable Keepers inside) {
    Owned<MessagePipe> owned = pipes.get(handle.id());
    return owned.thing().hold(Side.valueOf(handle.part()), pipes.hold(owned, inside));
  }
}
