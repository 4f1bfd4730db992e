package dev.forkyard.server.process;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.process.ProcessState.Event;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Gives runs their children, and carries the ends of children to their runs. Thread-safe. */
final class RunLauncher {
  private static final Logger log = Logger.getLogger(RunLauncher.class.getName());

  private final ChildStarter children;
  private final Sessions sessions;
  private final String address;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Consumer<OwnedProcess> neverStarted;
  private final AtomicInteger living = new AtomicInteger();

  /**
   * @param address how children reach the daemon
   * @param neverStarted told of a process whose first run could not be started
   */
  RunLauncher(
      ChildStarter children,
      Sessions sessions,
      String address,
      Clock clock,
      Scheduler scheduler,
      Consumer<OwnedProcess> neverStarted) {
    this.children = children;
    this.sessions = sessions;
    this.address = address;
    this.clock = clock;
    this.scheduler = scheduler;
    this.neverStarted = neverStarted;
  }

  /** How many runs have a child. */
  int living() {
    return living.get();
  }

  /** Starts the child of the run that a process is in. Does not wait. */
  void launch(OwnedProcess process, Run run) {
    // the exit may be known before the start has been handled here, and must not overtake it
    CompletableFuture<ChildExit> exit = new CompletableFuture<>();
    prepared(process, run)
        .thenCompose(ready -> child(process, run, exit))
        .handle(
            (child, failure) -> {
              if (failure == null) {
                started(process, run, child);
                exit.thenAccept(facts -> exited(process, run, facts))
                    .whenComplete(RunLauncher::logBug);
              } else {
                notStarted(process, run, failure);
              }
              return Done.DONE;
            })
        .whenComplete(RunLauncher::logBug);
  }

  /** Whoever the run before left behind writes no more. */
  private static CompletableFuture<?> prepared(OwnedProcess process, Run run) {
    return run.number() == 1
        ? CompletableFuture.completedFuture(Done.DONE)
        : process.identity().output().nextRun();
  }

  private CompletableFuture<Child> child(
      OwnedProcess process, Run run, CompletableFuture<ChildExit> exit) {
    OwnedProcess.Identity what = process.identity();
    return what.background() == null
        ? children.spawn(
            what.command().spawnSpec(address, run.session().id(), what.output()), exit::complete)
        : what.background().child(exit::complete);
  }

  private void started(OwnedProcess process, Run run, Child child) {
    living.incrementAndGet();
    ProcessSnapshot snapshot = process.started(child);
    process.identity().hooks().started(snapshot, run.session());
    run.started().complete(child);
    run.reply().answer(snapshot);
  }

  private void notStarted(OwnedProcess process, Run run, Throwable failure) {
    Fault fault = ProcessFaults.of(failure);
    sessions.end(run.session(), Ending.GIVEN_UP);
    if (run.number() == 1) {
      neverStarted.accept(process);
      process.neverStarted(fault);
      process.identity().hooks().notStarted();
    } else {
      SpawnError error = SpawnError.of(failure);
      process.ended(
          Event.NOT_STARTED, ProcessExit.notStarted(run.number(), error, clock.instant()), null);
      run.started().completeExceptionally(fault);
    }
    run.reply().refuse(fault);
  }

  /** Gives up a run that has not begun. */
  void callOff(Run run, Fault why) {
    sessions.end(run.session(), Ending.GIVEN_UP);
    run.reply().refuse(why);
  }

  private void exited(OwnedProcess process, Run run, ChildExit facts) {
    process.childEnded(run);
    ProcessExit exit = ProcessExit.of(run.number(), facts, run.causeOf(facts));
    Session session = run.session();
    CompletableFuture<Done> sessionEnd =
        sessions.endAfterStreams(session, Ending.ofProcess(exit.inWords()), scheduler);
    process
        .identity()
        .hooks()
        .ended(exit)
        .toCompletableFuture()
        .thenCombine(sessionEnd, (outcome, done) -> outcome)
        .handle(
            (outcome, bug) -> {
              logBug(outcome, bug);
              return outcome;
            })
        .thenAccept(outcome -> ended(process, exit, outcome))
        .whenComplete(RunLauncher::logBug);
  }

  private void ended(OwnedProcess process, ProcessExit exit, @Nullable FunctionOutcome outcome) {
    living.decrementAndGet();
    process.ended(Event.ENDED, exit, outcome);
  }

  private static void logBug(@Nullable Object ignored, @Nullable Throwable bug) {
    if (bug != null) {
      log.log(Level.SEVERE, "the life of a process was not handled", bug);
    }
  }
}
