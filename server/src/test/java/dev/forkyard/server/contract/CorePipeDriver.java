package dev.forkyard.server.contract;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.pipe.PipeOptions;
import dev.forkyard.server.pipe.PipeSnapshot.EndSnapshot;
import dev.forkyard.server.pipe.ReceiveRequest;
import dev.forkyard.server.pipe.Side;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pipes without a transport. A call that waits for some time lets that time pass. */
final class CorePipeDriver implements PipeDriver {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final Sessions sessions = new Sessions(100);
  private final WaiterLimit waiters = new WaiterLimit(10);
  private final PipeManager manager = new PipeManager(100, new Handles(), scheduler, waiters);

  private static Side side(End end) {
    return Side.valueOf(end.name());
  }

  @Override
  public String create(long capacityBytes, boolean simplex) {
    return manager.create("", PipeOptions.of(capacityBytes, simplex), new Owner(null)).id();
  }

  @Override
  public String openSession() {
    return sessions.open().id();
  }

  @Override
  public void endSession(String session) {
    sessions.end(sessions.get(session), Ending.CLOSED);
  }

  @Override
  public void end() {
    sessions.endAll();
  }

  @Override
  public Call<Void> send(
      String pipe, End end, String session, @Nullable Duration timeout, List<String> values) {
    Call<Void> call =
        CoreCalls.<Done, Void>make(
            reply ->
                manager.send(
                    pipe,
                    side(end),
                    sessions.getIfNamed(session),
                    Text.all(values),
                    timeout,
                    reply),
            done -> CoreCalls.nothing());
    pass(timeout);
    return call;
  }

  private void pass(@Nullable Duration timeout) {
    if (timeout != null) {
      scheduler.pass(timeout);
    }
  }

  @Override
  public Call<Void> sendHandle(
      String pipe, End end, String session, String otherPipe, End otherEnd) {
    Handle handle = new Handle(Handle.Kind.PIPE_END, otherPipe, otherEnd.name());
    return CoreCalls.<Done, Void>make(
        reply ->
            manager.send(
                pipe,
                side(end),
                sessions.get(session),
                List.of(new Text("handle", List.of(handle))),
                null,
                reply),
        done -> CoreCalls.nothing());
  }

  @Override
  public Call<Received> receive(
      String pipe, End end, String session, int most, int mostBytes, @Nullable Duration timeout) {
    Call<Received> call =
        CoreCalls.<dev.forkyard.server.pipe.Received, Received>make(
            reply ->
                manager.receive(
                    pipe,
                    side(end),
                    sessions.getIfNamed(session),
                    ReceiveRequest.of(most, mostBytes, timeout),
                    reply),
            got -> new Received(Text.values(got.messages()), got.timedOut(), got.end()));
    pass(timeout);
    return call;
  }

  @Override
  public Call<Polled> poll(String pipe, End end, String session, @Nullable Duration timeout) {
    Call<Polled> call =
        CoreCalls.<dev.forkyard.server.pipe.Polled, Polled>make(
            reply -> manager.poll(pipe, side(end), sessions.getIfNamed(session), timeout, reply),
            seen -> new Polled(seen.readable(), seen.end(), seen.timedOut()));
    pass(timeout);
    return call;
  }

  @Override
  public void close(String pipe, End end, String session) {
    manager.close(pipe, side(end), sessions.getIfNamed(session));
  }

  @Override
  public void delete(String pipe) {
    manager.delete(pipe);
  }

  @Override
  public EndState state(String pipe, End end) {
    EndSnapshot state = end == End.LEFT ? manager.get(pipe).left() : manager.get(pipe).right();
    return new EndState(state.holders(), state.gone(), state.unreadMessages());
  }

  @Override
  public int waiting() {
    return waiters.waiting();
  }
}
