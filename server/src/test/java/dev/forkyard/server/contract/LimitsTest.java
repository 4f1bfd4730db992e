package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.pipe.PipeOptions;
import dev.forkyard.server.pool.ChunkRequest;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.QueueOptions;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import java.time.Clock;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Owner NOBODY = new Owner(null);
  private final FakeScheduler scheduler = new FakeScheduler();
  private final WaiterLimit waiters = new WaiterLimit(1);

  private static void assertRefused(Reason reason, ThrowingCallable call) {
    Fault fault = catchThrowableOfType(Fault.class, call);
    assertThat(fault).isNotNull();
    assertThat(fault.reason()).isEqualTo(reason);
    assertThat(fault.sentence()).isNotBlank();
  }

  @Test
  void queuesAreBoundedAndRoomComesBackWithADelete() {
    QueueManager queues = new QueueManager(1, new Handles(), Clock.systemUTC(), scheduler, waiters);
    String first = queues.create("", QueueOptions.of(0, 0, 0, 0, 0), NOBODY).id();
    assertRefused(
        Reason.TOO_MANY_QUEUES, () -> queues.create("", QueueOptions.of(0, 0, 0, 0, 0), NOBODY));
    queues.delete(first);
    assertThat(queues.create("", QueueOptions.of(0, 0, 0, 0, 0), NOBODY).id()).isNotEqualTo(first);
  }

  @Test
  void pipesAreBounded() {
    PipeManager pipes = new PipeManager(1, new Handles(), scheduler, waiters);
    pipes.create("", PipeOptions.of(0, false), NOBODY);
    assertRefused(Reason.TOO_MANY_PIPES, () -> pipes.create("", PipeOptions.of(0, false), NOBODY));
  }

  @Test
  void sessionsAreBoundedAndRoomComesBackWithAnEnd() {
    Sessions sessions = new Sessions(1);
    var first = sessions.open();
    assertRefused(Reason.TOO_MANY_SESSIONS, sessions::open);
    sessions.end(first, Ending.CLOSED);
    assertThat(sessions.open().id()).isNotEqualTo(first.id());
  }

  @Test
  void chunkWithoutFunctionOrCallsIsRefused() {
    Payload arguments = new Text("[]", List.of());
    FunctionName function = new FunctionName("a.B::c", "");
    assertRefused(Reason.BAD_CHUNK, () -> new ChunkRequest(1, function, 0, arguments));
    assertRefused(
        Reason.BAD_CHUNK, () -> new ChunkRequest(1, new FunctionName("", ""), 1, arguments));
  }
}
