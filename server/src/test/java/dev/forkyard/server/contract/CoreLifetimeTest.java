package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.contract.PipeDriver.End;
import dev.forkyard.server.contract.PipeDriver.Received;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.pipe.PipeOptions;
import dev.forkyard.server.pipe.ReceiveRequest;
import dev.forkyard.server.pipe.Side;
import dev.forkyard.server.queue.PutRequest;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.QueueOptions;
import dev.forkyard.server.queue.ReleaseRequest;
import dev.forkyard.server.queue.TakeRequest;
import dev.forkyard.server.queue.Taken.TakenItem;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The contract without a transport, and what takes very many things, or threads. */
class CoreLifetimeTest extends LifetimeContract {
  private static final int MANY = 10_000;

  private final FakeScheduler scheduler = new FakeScheduler();
  private final Sessions sessions = new Sessions(MANY);
  private final WaiterLimit waiters = new WaiterLimit(10);
  private final Handles handles = new Handles();
  private final QueueManager queues =
      new QueueManager(MANY, handles, Clock.systemUTC(), scheduler, waiters);
  private final PipeManager pipes = new PipeManager(MANY, handles, scheduler, waiters);

  @Override
  LifetimeDriver driver() {
    return new CoreDriver();
  }

  private static List<Payload> payload(Handle... handles) {
    return List.of(new Text("x", List.of(handles)));
  }

  private final class CoreDriver implements LifetimeDriver {
    @Override
    public String openSession() {
      return sessions.open().id();
    }

    @Override
    public void endSession(String session) {
      sessions.end(sessions.get(session), Ending.CLOSED);
    }

    @Override
    public void clean() {
      sessions.endAll();
    }

    @Override
    public int waiting() {
      return waiters.waiting();
    }

    private Owner owner(String session) {
      return new Owner(sessions.getIfNamed(session));
    }

    @Override
    public String createQueue(String owner) {
      return queues.create("", QueueOptions.of(1, 0, 0, 0, 0), owner(owner)).id();
    }

    @Override
    public String createPipe(String owner) {
      return pipes.create("", PipeOptions.of(0, false), owner(owner)).id();
    }

    @Override
    public boolean hasQueue(String queue) {
      return exists(() -> queues.get(queue));
    }

    @Override
    public boolean hasPipe(String pipe) {
      return exists(() -> pipes.get(pipe));
    }

    private static boolean exists(Runnable search) {
      try {
        search.run();
        return true;
      } catch (Fault missing) {
        return false;
      }
    }

    @Override
    public void deleteQueue(String queue) {
      queues.delete(queue);
    }

    @Override
    public void leaveQueue(String queue, String session) {
      queues.leave(queue, sessions.get(session));
    }

    @Override
    public Call<Void> put(String queue, @Nullable Duration timeout, Handle... handles) {
      return CoreCalls.<Done, Void>make(
          reply -> queues.put(queue, PutRequest.of(payload(handles), 0, Map.of(), timeout), reply),
          done -> CoreCalls.nothing());
    }

    @Override
    public Call<List<String>> take(String queue, String session, @Nullable Duration timeout) {
      TakeRequest request =
          new TakeRequest(1, 0, timeout, sessions.getIfNamed(session), null, TakeRequest.Mode.WORK);
      return CoreCalls.<dev.forkyard.server.queue.Taken, List<String>>make(
          reply -> queues.take(queue, request, reply),
          taken -> taken.items().stream().map(TakenItem::token).toList());
    }

    @Override
    public void ack(String queue, List<String> tokens) {
      queues.ack(queue, tokens);
    }

    @Override
    public void giveUp(String queue, List<String> tokens) {
      queues.release(queue, new ReleaseRequest(tokens, ReleaseRequest.Mode.GIVE_UP, ""));
    }

    @Override
    public void clearDeadLetters(String queue) {
      int unused = queues.clear(queue, true);
    }

    @Override
    public Call<Void> send(String pipe, End end, String session, Handle... handles) {
      return CoreCalls.<Done, Void>make(
          reply ->
              pipes.send(
                  pipe,
                  Side.valueOf(end.name()),
                  sessions.getIfNamed(session),
                  payload(handles),
                  null,
                  reply),
          done -> CoreCalls.nothing());
    }

    @Override
    public Call<Received> receive(
        String pipe, End end, String session, @Nullable Duration timeout) {
      return CoreCalls.<dev.forkyard.server.pipe.Received, Received>make(
          reply ->
              pipes.receive(
                  pipe,
                  Side.valueOf(end.name()),
                  sessions.getIfNamed(session),
                  ReceiveRequest.of(1, 0, timeout),
                  reply),
          got -> new Received(Text.values(got.messages()), got.timedOut(), got.end()));
    }

    @Override
    public void close(String pipe, End end, String session) {
      pipes.close(pipe, Side.valueOf(end.name()), sessions.getIfNamed(session));
    }
  }

  /** Queues of which each but the last holds a handle to the next. */
  private List<String> chain(int length, String owner) {
    List<String> chain = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      String queue = things.createQueue(owner);
      if (i > 0) {
        things.put(chain.get(i - 1), NOT_AT_ALL, queue(queue)).get();
      }
      chain.add(queue);
    }
    return chain;
  }

  @Test
  void chainOfAnyLengthEndsAtOnce() {
    String cleo = things.openSession();
    List<String> chain = chain(MANY - 1, cleo);
    things.put(post, NOT_AT_ALL, queue(chain.get(0))).get();
    things.endSession(cleo);
    assertThat(queues.size()).isEqualTo(MANY);
    things.ack(post, things.take(post, NOBODY, NOT_AT_ALL).get());
    assertThat(queues.size()).isEqualTo(1);
  }

  @Test
  void ringOfAnyLengthEndsAtOnce() {
    String cleo = things.openSession();
    List<String> chain = chain(MANY - 1, cleo);
    things.put(chain.get(MANY - 2), NOT_AT_ALL, queue(chain.get(0))).get();
    things.endSession(cleo);
    assertThat(queues.size()).isEqualTo(1);
  }

  @Test
  @Timeout(60)
  void thingThatIsGivenToASessionWhileThatEndsIsNotKept() throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    for (int i = 0; i < 2_000; i++) {
      String owner = things.openSession();
      String taker = things.openSession();
      String queue = things.createQueue(owner);
      String pipe = things.createPipe(owner);
      things.put(post, NOT_AT_ALL, queue(queue), end(pipe, End.RIGHT)).get();
      Thread ender =
          new Thread(
              () -> {
                meet(together);
                things.endSession(taker);
              });
      ender.start();
      meet(together);
      take(taker);
      ender.join();
      things.endSession(owner);
      take(NOBODY);
      assertThat(things.hasQueue(queue)).isFalse();
      assertThat(things.hasPipe(pipe)).isFalse();
    }
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Takes what is there; a session that has ended meanwhile is refused, or has given it back. */
  private void take(String session) {
    Call<List<String>> take;
    try {
      take = things.take(post, session, NOT_AT_ALL);
      things.ack(post, take.get());
    } catch (Fault | Call.Refused sessionHasEnded) {
      // it comes back, or was never taken
    }
  }
}
