package dev.forkyard.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.EventLog;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.Children;
import dev.forkyard.server.os.OutputFolder;
import dev.forkyard.server.os.SpawnSpec;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessManagerTest {
  private static final int LIMIT = 4;

  @Test
  void endOfAProcessIsToldAlsoWhenItIsKnownBeforeItsStartWasHandled(@TempDir Path folder)
      throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      ProcessManager processes =
          manager((spec, onExit) -> ended(children, spec, onExit), folder, new FakeScheduler());
      Recorded<ProcessSnapshot> started = new Recorded<>();
      Command command = new Command(List.of("true"), "", Map.of(), false, CommandOptions.DEFAULT);
      processes.start(
          new StartRequest(
              "quick", command, null, new Owner(null), Parent.NONE, ProcessOptions.DEFAULT),
          ProcessHooks.NONE,
          started);
      Recorded<WaitAnswer> waited = new Recorded<>();
      processes.await("quick", null, waited);
      assertThat(waited.outcome().get(30, TimeUnit.SECONDS).process().state())
          .isEqualTo(ProcessState.EXITED);
      assertThat(processes.living()).isZero();
    }
  }

  private static void start(ProcessManager processes, String id, Reply<ProcessSnapshot> reply) {
    Command command = new Command(List.of("true"), "", Map.of(), false, CommandOptions.DEFAULT);
    processes.start(
        new StartRequest(id, command, null, new Owner(null), Parent.NONE, ProcessOptions.DEFAULT),
        ProcessHooks.NONE,
        reply);
  }

  private static void runToItsEnd(ProcessManager processes, String id) throws Exception {
    Recorded<WaitAnswer> waited = new Recorded<>();
    start(processes, id, new Recorded<>());
    processes.await(id, null, waited);
    waited.outcome().get(30, TimeUnit.SECONDS);
  }

  private static List<String> ids(ProcessManager processes) {
    return processes.list(0, "", any -> true).items().stream().map(ProcessSnapshot::id).toList();
  }

  @Test
  void endedProcessIsForgottenAfterAnHour(@TempDir Path folder) throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      FakeScheduler scheduler = new FakeScheduler();
      ProcessManager processes = manager(children::spawn, folder, scheduler);
      runToItsEnd(processes, "first");
      scheduler.pass(Duration.ofMinutes(30));
      runToItsEnd(processes, "second");
      assertThat(scheduler.pending()).as("one timer for all").isEqualTo(1);
      scheduler.pass(Duration.ofMinutes(30));
      assertThat(ids(processes)).containsExactly("second");
      scheduler.pass(Duration.ofMinutes(30));
      assertThat(ids(processes)).isEmpty();
    }
  }

  /** Takes nothing, and does something when it is refused. */
  private record Refused(Consumer<Fault> action) implements OutputFollower.Taker {
    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public void take(FollowedPiece piece) {}

    @Override
    public void complete() {}

    @Override
    public void refuse(Fault fault) {
      action.accept(fault);
    }
  }

  private static void follow(
      ProcessManager processes, String id, WaiterLimit limit, Consumer<Fault> refused) {
    new ProcessIo(processes, Runnable::run, limit)
        .follow(
            new FollowRequest(id, EnumSet.allOf(OutputStreamName.class), 0, 0, null, false),
            new Refused(refused));
  }

  @Test
  void resultOfARunThatEndsWhileTheOneBeforeIsForgottenIsKept(@TempDir Path folder)
      throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      FakeScheduler scheduler = new FakeScheduler();
      ProcessManager processes = manager(children::spawn, folder, scheduler);
      runToItsEnd(processes, "a");
      runToItsEnd(processes, "b");
      Recorded<WaitAnswer> again = new Recorded<>();
      follow(
          processes,
          "a",
          new WaiterLimit(1),
          forgotten -> {
            processes.restart("b", null, new Recorded<>());
            processes.await("b", null, again);
            again.outcome().join();
          });
      scheduler.pass(Duration.ofHours(1));
      assertThat(again.outcome()).isDone();
      assertThat(ids(processes)).containsExactly("b");
      assertThat(processes.get("b").run()).isEqualTo(2);
    }
  }

  @Test
  void refusedRestartLeavesNothingWithTheOwner(@TempDir Path folder) throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      Sessions sessions = new Sessions(2);
      Session session = sessions.open();
      ProcessManager processes =
          manager(children::spawn, sessions, folder, Clock.systemUTC(), new FakeScheduler());
      Command command = new Command(List.of("true"), "", Map.of(), false, CommandOptions.DEFAULT);
      processes.start(
          new StartRequest(
              "p", command, null, new Owner(session), Parent.NONE, ProcessOptions.DEFAULT),
          ProcessHooks.NONE,
          new Recorded<>());
      Recorded<WaitAnswer> waited = new Recorded<>();
      processes.await("p", null, waited);
      waited.outcome().get(30, TimeUnit.SECONDS);
      sessions.open();
      assertThat(
              catchThrowableOfType(
                      Fault.class, () -> processes.restart("p", null, new Recorded<>()))
                  .reason())
          .isEqualTo(Reason.TOO_MANY_SESSIONS);
      List<String> told = new ArrayList<>();
      session.onEnd(processes.owned("p"), () -> told.add("not registered before"));
      sessions.end(session, Ending.CLOSED);
      assertThat(told).hasSize(1);
    }
  }

  @Test
  void limitOfProcessesIsRefusedByNameAndRoomComesBackWithADelete(@TempDir Path folder)
      throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      ProcessManager processes = manager(children::spawn, folder, new FakeScheduler());
      for (int i = 0; i < LIMIT; i++) {
        runToItsEnd(processes, "p" + i);
      }
      Fault refused =
          catchThrowableOfType(Fault.class, () -> start(processes, "more", new Recorded<>()));
      assertThat(refused.reason()).isEqualTo(Reason.TOO_MANY_PROCESSES);
      assertThat(refused.metadata()).containsEntry("limit", Integer.toString(LIMIT));
      processes.delete("p0");
      runToItsEnd(processes, "more");
    }
  }

  @Test
  void nothingIsStartedOnceEverythingIsStopped(@TempDir Path folder) throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      ProcessManager processes = manager(children::spawn, folder, new FakeScheduler());
      runToItsEnd(processes, "before");
      processes.stopAll(Duration.ZERO).get(30, TimeUnit.SECONDS);
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> start(processes, "after", new Recorded<>()),
              () -> processes.restart("before", null, new Recorded<>()))) {
        assertThat(catchThrowableOfType(Fault.class, call).reason())
            .isEqualTo(Reason.DAEMON_STOPPING);
      }
      assertThat(ids(processes)).containsExactly("before");
    }
  }

  /** Stands still in a start, which holds the lock of the process, until it may go on. */
  private static final class HeldClock extends Clock {
    private final CountDownLatch goesOn = new CountDownLatch(1);

    @Override
    public Instant instant() {
      if (Thread.currentThread().getName().equals("os-spawn")) {
        try {
          goesOn.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return Instant.now();
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static Thread blocked(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    await().until(() -> thread.getState() == Thread.State.BLOCKED);
    return thread;
  }

  @Test
  void restartThatMeetsTheEndOfTheDaemonIsRefused(@TempDir Path folder) throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      HeldClock clock = new HeldClock();
      ProcessManager processes = manager(children::spawn, folder, clock, new FakeScheduler());
      start(processes, "p", new Recorded<>());
      await().until(() -> clock.goesOn.getCount() == 1 && children.living() == 1);
      Recorded<ProcessSnapshot> restarted = new Recorded<>();
      CompletableFuture<Fault> refused = new CompletableFuture<>();
      Thread restart =
          blocked(
              () ->
                  refused.complete(
                      catchThrowableOfType(
                          Fault.class, () -> processes.restart("p", null, restarted))));
      Thread stop = blocked(() -> processes.stopAll(Duration.ZERO));
      clock.goesOn.countDown();
      restart.join();
      stop.join();
      assertThat(refused.join()).isNotNull();
      assertThat(refused.join().reason()).isEqualTo(Reason.DAEMON_STOPPING);
    }
  }

  @Test
  void followerOfAProcessThatCannotBeStartedIsRefused(@TempDir Path folder) {
    CompletableFuture<Child> starting = new CompletableFuture<>();
    ProcessManager processes = manager((spec, onExit) -> starting, folder, new FakeScheduler());
    WaiterLimit limit = new WaiterLimit(1);
    start(processes, "early", new Recorded<>());
    List<Fault> refusals = new ArrayList<>();
    follow(processes, "early", limit, refusals::add);
    starting.completeExceptionally(ProcessFaults.daemonStopping());
    assertThat(refusals).extracting(Fault::reason).containsExactly(Reason.DAEMON_STOPPING);
    assertThat(limit.waiting()).isZero();
  }

  private static ProcessIo startCat(
      ChildStarter starter, Path folder, Recorded<ProcessSnapshot> started) {
    return startCat(manager(starter, folder, new FakeScheduler()), started);
  }

  private static ProcessIo startCat(ProcessManager processes, Recorded<ProcessSnapshot> started) {
    CommandOptions options =
        new CommandOptions(
            OptionalInt.empty(), OptionalLong.empty(), OptionalInt.empty(), true, false, null);
    processes.start(
        new StartRequest(
            "cat",
            new Command(List.of("cat"), "", Map.of(), false, options),
            null,
            new Owner(null),
            Parent.NONE,
            ProcessOptions.DEFAULT),
        ProcessHooks.NONE,
        started);
    return new ProcessIo(processes, Runnable::run, new WaiterLimit(10));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void inputThatComesBeforeTheStartIsWrittenInOrderAndNotWhenItsCallerHasGone(@TempDir Path folder)
      throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      CompletableFuture<Void> gate = new CompletableFuture<>();
      Recorded<ProcessSnapshot> started = new Recorded<>();
      ProcessIo io =
          startCat(
              (spec, onExit) -> gate.thenCompose(open -> children.spawn(spec, onExit)),
              folder,
              started);
      List<Recorded<Long>> writes = new ArrayList<>();
      for (String text : List.of("a", "gone", "b", "c")) {
        Recorded<Long> write = new Recorded<>();
        io.writeInput("cat", ascii(text), null, write);
        writes.add(write);
      }
      writes.get(1).goAway();
      Recorded<Boolean> closed = new Recorded<>();
      io.closeInput("cat", closed);
      gate.complete(null);
      assertThat(closed.outcome().get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(writes.get(0).outcome().join()).isEqualTo(1);
      assertThat(writes.get(1).outcome()).isCompletedExceptionally();
      assertThat(writes.get(2).outcome().join()).isEqualTo(2);
      assertThat(writes.get(3).outcome().join()).isEqualTo(3);
    }
  }

  @Test
  void inputThatComesBeforeTheStartIsBounded(@TempDir Path folder) {
    CompletableFuture<Child> starting = new CompletableFuture<>();
    ProcessIo io = startCat((spec, onExit) -> starting, folder, new Recorded<>());
    byte[] tooLarge = new byte[InputBuffer.MOST_BYTES + 1];
    assertThat(
            catchThrowableOfType(
                    Fault.class, () -> io.writeInput("cat", tooLarge, null, new Recorded<>()))
                .reason())
        .isEqualTo(Reason.BATCH_TOO_LARGE);
    List<Recorded<Long>> writes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Recorded<Long> write = new Recorded<>();
      io.writeInput("cat", ascii("x"), null, write);
      writes.add(write);
    }
    assertThat(
            catchThrowableOfType(
                    Fault.class, () -> io.writeInput("cat", ascii("x"), null, new Recorded<>()))
                .reason())
        .isEqualTo(Reason.TOO_MANY_WAITERS);
    starting.completeExceptionally(ProcessFaults.daemonStopping());
    assertThat(writes).allMatch(write -> write.outcome().isCompletedExceptionally());
  }

  @Test
  void processThatIsStartingTakesInputIfItsCommandHasOne(@TempDir Path folder) {
    CompletableFuture<Child> starting = new CompletableFuture<>();
    ProcessManager processes = manager((spec, onExit) -> starting, folder, new FakeScheduler());
    ProcessIo io = startCat(processes, new Recorded<>());
    start(processes, "none", new Recorded<>());
    assertThat(io.takesInput("cat")).isTrue();
    assertThat(io.takesInput("none")).isFalse();
  }

  @Test
  void timeoutOfAWriteRunsAlsoBeforeTheStart(@TempDir Path folder) {
    CompletableFuture<Child> starting = new CompletableFuture<>();
    FakeScheduler time = new FakeScheduler();
    ProcessManager processes = manager((spec, onExit) -> starting, folder, time);
    ProcessIo io = startCat(processes, new Recorded<>());
    assertThat(
            catchThrowableOfType(
                    Fault.class,
                    () -> io.writeInput("cat", ascii("x"), Duration.ZERO, new Recorded<>()))
                .reason())
        .isEqualTo(Reason.INPUT_FULL);
    Recorded<Long> write = new Recorded<>();
    io.writeInput("cat", ascii("x"), Duration.ofSeconds(3), write);
    time.pass(Duration.ofSeconds(2));
    assertThat(write.outcome()).isNotDone();
    time.pass(Duration.ofSeconds(1));
    assertThat(write.outcome()).isCompletedExceptionally();
    starting.completeExceptionally(ProcessFaults.daemonStopping());
    assertThat(time.pending()).isZero();
  }

  @Test
  void nextRunBeginsWithTheSizeOfTheTerminalThatWasAskedFor(@TempDir Path folder) throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      ProcessManager processes = manager(children::spawn, folder, new FakeScheduler());
      TerminalSize size = new TerminalSize(24, 80);
      CommandOptions options =
          new CommandOptions(
              OptionalInt.empty(), OptionalLong.empty(), OptionalInt.empty(), false, false, size);
      Command command = new Command(List.of("sleep", "1000"), "", Map.of(), false, options);
      Recorded<ProcessSnapshot> started = new Recorded<>();
      processes.start(
          new StartRequest(
              "t", command, null, new Owner(null), Parent.NONE, ProcessOptions.DEFAULT),
          ProcessHooks.NONE,
          started);
      started.outcome().get(30, TimeUnit.SECONDS);
      new ProcessIo(processes, Runnable::run, new WaiterLimit(1))
          .resize("t", new TerminalSize(50, 100));
      assertThat(processes.get("t").terminal()).isEqualTo(new TerminalSize(50, 100));
      Recorded<ProcessSnapshot> again = new Recorded<>();
      processes.restart("t", null, again);
      assertThat(again.outcome().get(30, TimeUnit.SECONDS).terminal()).isEqualTo(size);
    }
  }

  @Test
  void watchToldOfNothingTwiceHoldsForEveryPlaceOfTheList(@TempDir Path folder) throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      ProcessManager processes = manager(children::spawn, folder, new FakeScheduler());
      runToItsEnd(processes, "a");
      runToItsEnd(processes, "b");
      runToItsEnd(processes, "c");
      ProcessWatch watch = processes.watch(0, any -> true, () -> {});
      assertThat(told(watch)).isEqualTo("LISTED a");
      assertThat(watch.revision()).as("who goes on from here is told the whole list").isZero();
      processes.delete("a");
      processes.delete("b");
      processes.delete("c");
      runToItsEnd(processes, "c");
      assertThat(told(watch)).as("the list ends").isEmpty();
      assertThat(watch.takeListComplete()).isTrue();
      assertThat(watch.revision()).isPositive();
      assertThat(List.of(told(watch), told(watch), told(watch), told(watch)))
          .containsExactly("DELETED a", "STARTED c", "EXITED c", "");
    }
  }

  @Test
  void watchTellsNothingOfWhatWasDeletedBeforeTheListWasMade(@TempDir Path folder)
      throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      ProcessManager processes = manager(children::spawn, folder, new FakeScheduler());
      runToItsEnd(processes, "a");
      ProcessSnapshot old = processes.get("a");
      EventLog<ProcessEvent> events = new EventLog<>(old.revision(), 10, 10);
      ProcessWatch watch =
          new ProcessWatch(
              events,
              0,
              () -> {
                publish(events, new ProcessEvent(ProcessEvent.Kind.DELETED, old));
                return List.of();
              },
              any -> true,
              () -> {});
      assertThat(told(watch)).as("the list is empty").isEmpty();
      runToItsEnd(processes, "b");
      publish(events, new ProcessEvent(ProcessEvent.Kind.EXITED, processes.get("b")));
      assertThat(told(watch)).isEqualTo("EXITED b");
    }
  }

  private static void publish(EventLog<ProcessEvent> events, ProcessEvent event) {
    Afterwards afterwards = new Afterwards();
    events.publish(event::at, 1, afterwards);
    afterwards.run();
  }

  private static String told(ProcessWatch watch) {
    ProcessEvent event = watch.next();
    return event == null ? "" : event.kind() + " " + event.process().id();
  }

  private static ProcessManager manager(
      ChildStarter starter, Path folder, FakeScheduler scheduler) {
    return manager(starter, folder, scheduler.clock(), scheduler);
  }

  private static ProcessManager manager(
      ChildStarter starter, Path folder, Clock clock, FakeScheduler scheduler) {
    return manager(starter, new Sessions(10), folder, clock, scheduler);
  }

  private static ProcessManager manager(
      ChildStarter starter, Sessions sessions, Path folder, Clock clock, FakeScheduler scheduler) {
    return new ProcessManager(
        starter,
        sessions,
        new OutputStore(new OutputFolder(folder, 1 << 20, Runnable::run), 1 << 20, Runnable::run),
        "unix:/nowhere",
        LIMIT,
        clock,
        scheduler,
        new WaiterLimit(10));
  }

  /** Starts a child and answers only after its end was told. */
  private static CompletableFuture<Child> ended(
      Children children, SpawnSpec spec, Consumer<ChildExit> onExit) {
    CompletableFuture<ChildExit> told = new CompletableFuture<>();
    CompletableFuture<Child> child =
        children.spawn(
            spec,
            exit -> {
              onExit.accept(exit);
              told.complete(exit);
            });
    told.join();
    return child;
  }
}
