package dev.forkyard.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Snapshots;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When the session of a worker ends, which may be all that keeps what is in its last results. */
class WorkerSessionTest {
  private static final Ending EXIT = Ending.ofProcess("exit code 0");

  private final FakeScheduler scheduler = new FakeScheduler();
  private final Sessions sessions = new Sessions(1);
  private final Session session = sessions.openFor("p");
  private final Worker worker =
      new Worker(
          "t",
          new Nobody(),
          new Worker.Life(
              false,
              id -> CompletableFuture.completedFuture(new WorkerRemains(null, null, "")),
              lingering -> {}));

  private static final class Nobody implements WorkerListener {
    @Override
    public void started(ProcessSnapshot process, Session session) {}

    @Override
    public void ready(WorkerLink link) {}

    @Override
    public void results(Results results) {}

    @Override
    public void failed(int number, int index, Failure failure) {}

    @Override
    public void disconnected() {}

    @Override
    public void lost(WorkerDeath death) {}
  }

  private void start() {
    worker.hooks(CompletableFuture.completedFuture(null)).started(Snapshots.process("p"), session);
  }

  @Test
  void sessionDoesNotEndBeforeTheConnectionWasReadToItsEnd() {
    start();
    sessions.endAfterStreams(session, EXIT, scheduler);
    assertThat(session.ended()).isFalse();
    worker.disconnected();
    assertThat(session.ended()).isTrue();
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void connectionThatEndedFirstHoldsUpNothing() {
    worker.disconnected();
    start();
    sessions.endAfterStreams(session, EXIT, scheduler);
    assertThat(session.ended()).isTrue();
  }

  @Test
  void connectionThatSomebodyElseKeepsOpenHoldsUpTheSessionForAMomentOnly() {
    start();
    sessions.endAfterStreams(session, EXIT, scheduler);
    scheduler.pass(Duration.ofSeconds(2));
    assertThat(session.ended()).isTrue();
    worker.disconnected();
  }
}
