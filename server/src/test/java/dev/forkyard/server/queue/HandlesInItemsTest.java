package dev.forkyard.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandlesInItemsTest {
  private final Handles handles = new Handles();
  private final QueueManager queues =
      new QueueManager(1, handles, Clock.systemUTC(), new FakeScheduler(), new WaiterLimit(10));
  private final List<String> events = new ArrayList<>();

  private record Referring(List<Handle> handles) implements Payload {
    @Override
    public int sizeBytes() {
      return 1;
    }
  }

  /**
   * What another thread sees of the queue while a handle is shared: nothing, if the lock is held.
   */
  private final Hold hold =
      new Hold() {
        @Override
        public void shareWith(Session session) {
          QueueSnapshot seen =
              CompletableFuture.supplyAsync(() -> queues.get("q"))
                  .orTimeout(10, TimeUnit.SECONDS)
                  .join();
          events.add("shared, leased " + seen.counts().leased());
        }

        @Override
        public void release() {
          events.add("released");
        }
      };

  @Test
  void handlesAreSharedOutsideOfTheLockAndReleasedWithTheAcknowledgement() throws Exception {
    handles.register(Handle.Kind.PIPE_END, (handle, inside) -> hold);
    queues.create("q", QueueOptions.of(0, 0, 0, 0, 0), new Owner(null));
    Payload item = new Referring(List.of(new Handle(Handle.Kind.PIPE_END, "p", "LEFT")));
    queues.put("q", PutRequest.of(List.of(item), 0, Map.of(), null), new Recorded<Done>());
    Recorded<Taken> taken = new Recorded<>();
    Session session = new Sessions(1).open();
    queues.take("q", new TakeRequest(1, 0, null, session, null, TakeRequest.Mode.WORK), taken);
    assertThat(events).containsExactly("shared, leased 1");
    queues.ack("q", List.of(taken.outcome().get(10, TimeUnit.SECONDS).items().get(0).token()));
    assertThat(events).containsExactly("shared, leased 1", "released");
  }

  @Test
  void handlesOfAnItemThatIsDoneWhenItIsTakenAreSharedBeforeTheyAreReleased() {
    handles.register(Handle.Kind.PIPE_END, (handle, inside) -> hold);
    queues.create("q", QueueOptions.of(0, 0, 0, 0, 0), new Owner(null));
    Payload item = new Referring(List.of(new Handle(Handle.Kind.PIPE_END, "p", "LEFT")));
    queues.put("q", PutRequest.of(List.of(item), 0, Map.of(), null), new Recorded<Done>());
    Session session = new Sessions(1).open();
    queues.take(
        "q",
        new TakeRequest(1, 0, null, session, null, TakeRequest.Mode.AUTO_ACK),
        new Recorded<Taken>());
    assertThat(events).containsExactly("shared, leased 0", "released");
  }
}
