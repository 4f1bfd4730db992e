package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.FunctionOptions;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Queues and pipes without names outlive whoever has created them, as long as somebody has them.
 * After each test nothing is left in the daemon.
 */
@Timeout(120)
class HandleLifetimeTest {
  @RegisterExtension
  static final SharedDaemon DAEMON = new SharedDaemon(TestDaemon::startWithoutSpares);

  private static final Duration LONG = Duration.ofSeconds(60);
  private Forkyard yard;

  @BeforeEach
  void connect() {
    yard = connection();
  }

  @AfterEach
  void disconnect() {
    yard.close();
  }

  private static Forkyard connection() {
    return Forkyard.connect("unix:" + DAEMON.get().socket());
  }

  private void awaitThings(int queues, int pipes) {
    await().atMost(LONG).until(() -> yard.systemInfo().queues() == queues);
    await().atMost(LONG).until(() -> yard.systemInfo().pipes() == pipes);
  }

  /** A queue and an end. */
  record Parcel(RemoteQueue<String> queue, PipeEnd<String> end) {}

  @Test
  void whatADeadChildHasPutIntoAQueueIsUsedByItsReceiverAndEndsWithIt() throws Exception {
    RemoteQueue<Parcel> post = yard.queues().open("post", Parcel.class, QueueOptions.defaults());
    var child = yard.processes().start(HandleLifetimeTest::mailAndHang, post);
    await().atMost(LONG).until(() -> post.size() == 1);
    child.kill();
    child.join();
    awaitThings(2, 1);
    try (Forkyard receiver = connection()) {
      Parcel parcel = receiver.queues().open("post", Parcel.class, QueueOptions.defaults()).get();
      assertThat(parcel.queue().get()).isEqualTo("in the queue");
      parcel.queue().put("again");
      assertThat(parcel.queue().get()).isEqualTo("again");
      assertThat(parcel.end().receive(LONG)).hasValue("in the pipe");
      assertThatThrownBy(parcel.end()::receive).isInstanceOf(PipeEndedException.class);
      assertRefused("PIPE_BROKEN", () -> parcel.end().send("nobody"));
    }
    awaitThings(1, 0);
    post.delete();
    child.delete();
  }

  @Test
  void argumentsOutliveTheirCreatorInTheProcessThatHasThem() throws Exception {
    RemoteQueue<String> told = yard.queues().open("told", String.class, QueueOptions.defaults());
    String id;
    try (Forkyard creator = connection()) {
      Pipe<String> pipe = creator.pipes().create(String.class);
      RemoteQueue<String> queue = creator.queues().create(String.class);
      queue.put("left behind");
      pipe.left().send("last words");
      id =
          creator
              .processes()
              .start(HandleLifetimeTest::readToTheEnd, queue, pipe.right(), told)
              .id();
      assertThat(told.get(LONG)).hasValue("begun");
    }
    assertThat(told.get(LONG)).hasValue("left behind, last words, end");
    ManagedProcess reader = yard.processes().get(id);
    assertThat(reader.join(LONG).success()).isTrue();
    reader.delete();
    awaitThings(1, 0);
    told.delete();
  }

  @Test
  void resultOfAFunctionIsTheCallersWhenItsProcessHasEnded() throws Exception {
    FunctionProcess<Parcel> process = yard.processes().start(HandleLifetimeTest::pack);
    Parcel parcel = process.result(LONG);
    assertThat(process.isAlive()).isFalse();
    process.delete();
    assertThat(parcel.queue().get()).isEqualTo("in the queue");
    assertThat(parcel.end().receive(LONG)).hasValue("in the pipe");
    awaitThings(1, 1);
    try (Forkyard other = connection()) {
      yard.close();
      await().atMost(LONG).until(() -> other.systemInfo().queues() == 0);
      assertThat(other.systemInfo().pipes()).isZero();
    }
  }

  @Test
  void resultThatItsCallerDoesNotReadAnyMoreIsKeptUntilTheProcessIsForgotten() throws Exception {
    String id;
    try (Forkyard caller = connection()) {
      FunctionProcess<Parcel> process = caller.processes().start(HandleLifetimeTest::pack);
      process.join(LONG);
      id = process.id();
    }
    awaitThings(1, 1);
    yard.processes().get(id).delete();
    awaitThings(0, 0);
  }

  @Test
  void argumentOfARefusedStartEndsNothing() throws Exception {
    var first =
        yard.processes().with(FunctionOptions.defaults().id("one")).start(HandleLifetimeTest::pack);
    Pipe<String> pipe = yard.pipes().create(String.class);
    assertRefused(
        "PROCESS_EXISTS",
        () ->
            yard.processes()
                .with(FunctionOptions.defaults().id("one"))
                .start(HandleLifetimeTest::giveBack, pipe.right()));
    assertThat(pipe.left().receive(Duration.ZERO)).isEmpty();
    pipe.left().send("for whoever comes");
    pipe.delete();
    first.result(LONG);
    first.delete();
  }

  @Test
  void endThatAFunctionReturnedEndsWithItsCallerThoughTheResultIsKept() throws Exception {
    Pipe<String> pipe = yard.pipes().create(String.class);
    String id;
    try (Forkyard caller = connection()) {
      FunctionProcess<PipeEnd<String>> process =
          caller.processes().start(HandleLifetimeTest::giveBack, pipe.right());
      PipeEnd<String> end = process.result(LONG);
      process.join(LONG);
      id = process.id();
      pipe.left().send("to the caller");
      assertThat(end.receive(LONG)).hasValue("to the caller");
      assertThat(pipe.left().receive(Duration.ZERO)).isEmpty();
    }
    assertThatThrownBy(pipe.left()::receive).isInstanceOf(PipeEndedException.class);
    assertThat(yard.processes().get(id).isAlive()).isFalse();
    pipe.delete();
    yard.processes().get(id).delete();
  }

  @Test
  void queueThatItsCreatorAndItsReceiverHaveClosedIsGone() throws Exception {
    RemoteQueue<Parcel> post = yard.queues().open("post", Parcel.class, QueueOptions.defaults());
    Pipe<String> pipe = yard.pipes().create(String.class);
    try (Forkyard receiver = connection()) {
      try (RemoteQueue<String> queue = yard.queues().create(String.class)) {
        post.put(new Parcel(queue, pipe.left()));
        try (RemoteQueue<String> reply =
            receiver.queues().open("post", Parcel.class, QueueOptions.defaults()).get().queue()) {
          reply.put("done");
        }
        assertThat(queue.get()).isEqualTo("done");
        awaitThings(2, 1);
      }
      awaitThings(1, 1);
    }
    post.close();
    awaitThings(1, 1);
    post.delete();
    post.close();
    pipe.delete();
  }

  @Test
  void resultsOfAPoolAreTheCallersWhenItsWorkersHaveEnded() throws Exception {
    List<Parcel> parcels;
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
      parcels = pool.map(HandleLifetimeTest::packNumber, List.of(1, 2, 3), 2);
    }
    awaitThings(3, 3);
    for (Parcel parcel : parcels) {
      assertThat(parcel.queue().get()).isEqualTo("in the queue");
      assertThat(parcel.end().receive(LONG)).hasValue("in the pipe");
      assertThatThrownBy(parcel.end()::receive).isInstanceOf(PipeEndedException.class);
    }
  }

  // run in child processes

  private static Forkyard home() {
    return Forkyard.connect(System.getenv("FORKYARD_ADDRESS"));
  }

  static Parcel pack() throws Exception {
    Forkyard yard = home();
    RemoteQueue<String> queue = yard.queues().create(String.class);
    queue.put("in the queue");
    Pipe<String> pipe = yard.pipes().create(String.class);
    pipe.left().send("in the pipe");
    return new Parcel(queue, pipe.right());
  }

  static PipeEnd<String> giveBack(PipeEnd<String> end) {
    return end;
  }

  static Parcel packNumber(int number) throws Exception {
    return pack();
  }

  static void mailAndHang(RemoteQueue<Parcel> post) throws Exception {
    post.put(pack());
    Thread.currentThread().join();
  }

  static void readToTheEnd(RemoteQueue<String> queue, PipeEnd<String> end, RemoteQueue<String> told)
      throws Exception {
    told.put("begun");
    StringBuilder all = new StringBuilder(queue.get());
    try {
      while (true) {
        String next = end.receive();
        all.append(", ").append(next);
      }
    } catch (PipeEndedException e) {
      told.put(all + ", end");
    }
  }
}
