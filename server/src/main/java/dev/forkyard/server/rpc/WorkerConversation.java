package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.worker.AssignedCalls;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.Worker;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Drain;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.WorkerFrame;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon and a worker say to each other, over whatever carries it. What the worker says is
 * accepted one frame at a time; as a link it may be used on every thread.
 */
final class WorkerConversation implements WorkerLink {
  private static final int PROTOCOL_VERSION = 1;
  private static final Duration HELLO = Duration.ofSeconds(30);

  private final Carrier carrier;
  private final Workers workers;
  private final Scheduled helloTimer;
  private final AssignedCalls calls = new AssignedCalls();
  private volatile @Nullable Worker worker;
  private volatile boolean over;

  /** What carries frames. */
  interface Carrier {
    /** Sends a frame, sooner or later, in order; nothing once it is closed. On every thread. */
    void send(DaemonFrame frame);

    void close();
  }

  WorkerConversation(Carrier carrier, Workers workers, Scheduler scheduler) {
    this.carrier = carrier;
    this.workers = workers;
    this.helloTimer = scheduler.schedule(HELLO, this::noHello);
  }

  private void noHello() {
    if (worker == null) {
      carrier.close();
    }
  }

  /**
   * Takes what the worker says.
   *
   * @throws Fault for what it must not say; the carrier is to be closed then
   */
  void accept(WorkerFrame frame) {
    Worker known = worker;
    if (known == null) {
      greet(frame);
      return;
    }
    switch (frame.getMessageCase()) {
      case RESULTS -> results(known, frame.getResults());
      case FAILURE -> failed(known, frame.getFailure());
      case HELLO -> throw Fault.invalid("hello", "A worker says hello once.");
      case MESSAGE_NOT_SET -> throw Fault.invalid("message", "The frame holds no message.");
    }
  }

  private void greet(WorkerFrame frame) {
    if (!frame.hasHello()) {
      throw Fault.invalid("hello", "The first frame of a worker must be hello; send it first.");
    }
    Hello hello = frame.getHello();
    if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
      throw Fault.invalid(
              "hello.protocol_version",
              "The daemon speaks version 1 of the worker protocol; set hello.protocol_version to 1.")
          .with("value", hello.getProtocolVersion());
    }
    Worker known = workers.connect(hello.getToken(), this);
    worker = known;
    helloTimer.cancel();
    if (over) {
      known.disconnected(); // it ended meanwhile, and nobody was known to be told
    }
  }

  private void results(Worker known, ChunkResults wire) {
    Results results = WorkerMessages.results(wire);
    if (!known.hasJournal()) {
      if (JsonLists.count("results.results", wire.getResults().getJson()) != wire.getCount()) {
        throw Fault.invalid("results.count", "results.results must have one element for each call.")
            .with("value", wire.getCount());
      }
      calls.answered(results.number(), results.first(), results.count());
    }
    known.results(results);
  }

  private void failed(Worker known, CallFailure wire) {
    var failure = FailureMessages.of(wire.getFailure());
    if (!known.hasJournal()) {
      calls.answered(wire.getNumber(), wire.getIndex(), 1);
    }
    known.failed(wire.getNumber(), wire.getIndex(), failure);
  }

  /** The carrier has ended; nothing more is accepted. */
  void ended() {
    over = true;
    helloTimer.cancel();
    Worker known = worker;
    if (known != null) {
      known.disconnected();
    }
  }

  @Override
  public void assign(Assignment assignment) {
    if (over) {
      return; // nobody has begun what never left
    }
    calls.assigned(assignment);
    carrier.send(WorkerMessages.assign(assignment));
  }

  @Override
  public void cancel(int number, int index, boolean running) {
    Worker known = worker;
    boolean hasJournal = known != null && known.hasJournal();
    if (hasJournal || calls.isNewCancel(number, index, running)) {
      carrier.send(WorkerMessages.cancel(number, index, running));
    }
  }

  @Override
  public void drain() {
    carrier.send(DaemonFrame.newBuilder().setDrain(Drain.getDefaultInstance()).build());
  }

  @Override
  public @Nullable RunningCall running() {
    return calls.running();
  }

  @Override
  public void close() {
    carrier.close();
  }
}
