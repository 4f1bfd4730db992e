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
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.WorkerFrame;
import java.time.Duration;
import java.util.Iterator;
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
  private final int pid;
  private final Scheduled helloTimer;
  private final AssignedCalls calls = new AssignedCalls();
  private volatile @Nullable Worker worker;
  private volatile boolean over;
  private volatile boolean refused;

  /** What carries frames. */
  interface Carrier {
    /** Sends a frame, sooner or later, in order; nothing once it is closed. On every thread. */
    void send(DaemonFrame frame);

    void close();

    /**
     * Closes, and says why where that can be said.
     *
     * @param processId of the worker; empty when it is not known
     */
    void refuse(Fault fault, String processId);
  }

  /**
   * @param pid of the process at the other end; 0 when it is not known
   */
  WorkerConversation(Carrier carrier, Workers workers, int pid, Scheduler scheduler) {
    this.carrier = carrier;
    this.workers = workers;
    this.pid = pid;
    this.helloTimer = scheduler.schedule(HELLO, this::noHello);
  }

  private void noHello() {
    if (worker == null) {
      refuse(
          Fault.invalid(
              "hello",
              "No hello came within "
                  + HELLO.toSeconds()
                  + " seconds; send it as soon as the connection is open."));
    }
  }

  /** Takes what the worker says; what it must not say is refused. */
  void accept(WorkerFrame frame) {
    if (refused) {
      return; // sent before the worker learnt of it
    }
    Worker known = worker;
    try {
      if (known == null) {
        greet(frame);
      } else {
        hear(known, frame);
      }
    } catch (Fault fault) {
      Worker culprit = known == null ? workers.refused(frame.getHello().getToken(), pid) : known;
      refuse(fault, culprit);
    }
  }

  /** Ends the connection because of what came over it, once. */
  void refuse(Fault fault) {
    if (refused) {
      return;
    }
    Worker known = worker;
    refuse(fault, known == null ? workers.refused("", pid) : known);
  }

  private void refuse(Fault fault, @Nullable Worker culprit) {
    refused = true;
    if (culprit != null) {
      culprit.brokeProtocol(fault.sentence());
    }
    carrier.refuse(fault, culprit == null ? "" : culprit.processId());
  }

  private void hear(Worker known, WorkerFrame frame) {
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
    if (!known.hasJournal()) {
      if (JsonLists.count("results.results", wire.getResults().getJson()) != wire.getCount()) {
        throw Fault.invalid("results.count", "results.results must have one element for each call.")
            .with("value", wire.getCount());
      }
      calls.answered(wire.getNumber(), wire.getFirst(), wire.getCount());
    }
    if (ResultLimit.allows(wire.getResults())) {
      known.results(WorkerMessages.results(wire));
    } else {
      oneByOne(known, wire);
    }
  }

  /** What is too large together may fit one by one. */
  private static void oneByOne(Worker known, ChunkResults wire) {
    Payload all = wire.getResults();
    Iterator<String> results = JsonLists.elements("results.results", all.getJson(), 0);
    for (int i = 0; i < wire.getCount(); i++) {
      Payload one = all.toBuilder().setJson(results.next()).build();
      int index = wire.getFirst() + i;
      if (ResultLimit.allows(one)) {
        var list = RpcCodecs.WRAPPING.oneCall(Payloads.of("results.results", one));
        known.results(new Results(wire.getNumber(), index, 1, list));
      } else {
        known.failed(wire.getNumber(), index, ResultLimit.exceeded(one));
      }
    }
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
