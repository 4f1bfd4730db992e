package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.ExitCause;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.FunctionOptions;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.ProcessSpec;
import dev.forkyard.client.TaskFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a Process of multiprocessing does, and where a process here differs. */
@Timeout(120)
class ProcessSemanticsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  private static FunctionOptions options() {
    return FunctionOptions.defaults();
  }

  @Test
  void targetsHaveNoneToFourArgumentsAndAResultOrNone() throws Exception {
    var processes = yard.processes();
    assertThat(processes.start(ProcessSemanticsTest::join0).result(LONG)).isEqualTo("");
    assertThat(processes.start(ProcessSemanticsTest::join1, "a").result(LONG)).isEqualTo("a");
    assertThat(processes.start(ProcessSemanticsTest::join2, "a", 1).result(LONG)).isEqualTo("a1");
    assertThat(processes.start(ProcessSemanticsTest::join3, "a", 1, true).result(LONG))
        .isEqualTo("a1true");
    assertThat(processes.start(ProcessSemanticsTest::join4, "a", 1, true, List.of(2)).result(LONG))
        .isEqualTo("a1true[2]");
    assertPrints("0", processes.start(ProcessSemanticsTest::print0));
    assertPrints("a", processes.start(ProcessSemanticsTest::print1, "a"));
    assertPrints("a1", processes.start(ProcessSemanticsTest::print2, "a", 1));
    assertPrints("a1true", processes.start(ProcessSemanticsTest::print3, "a", 1, true));
    assertPrints(
        "a1true[2]", processes.start(ProcessSemanticsTest::print4, "a", 1, true, List.of(2)));
  }

  private static void assertPrints(String text, FunctionProcess<?> process) throws Exception {
    assertThat((Object) process.result(LONG)).isNull();
    assertThat(process.stdout().readAll()).isEqualTo(text + "\n");
  }

  @Test
  void joinTellsTimeoutFromExitAndMayBeCalledManyTimes() throws Exception {
    FunctionProcess<?> process = yard.processes().start(ProcessSemanticsTest::hang);
    assertThatThrownBy(() -> process.join(Duration.ofMillis(1)))
        .isInstanceOf(TimeoutException.class);
    assertThat(process.isAlive()).isTrue();
    assertThat(process.exitStatus()).isEmpty();
    process.kill();
    assertThat(process.join(LONG)).isEqualTo(process.join()).isEqualTo(process.join(LONG));
    assertThat(process.isAlive()).isFalse();
    assertThat(process.onExit().get()).isEqualTo(process.exitStatus().orElseThrow());
  }

  @Test
  void exitCodeOfAReturnIsZeroOfAnExceptionOneAndOfAnExitItsOwn() throws Exception {
    assertThat(yard.processes().start(Tasks::square, 3).join(LONG).code()).hasValue(0);
    assertThat(yard.processes().start(ProcessSemanticsTest::exit, 5).join(LONG).code()).hasValue(5);
    FunctionProcess<?> thrower = yard.processes().start(Tasks::refuse, "no");
    assertThat(thrower.join(LONG).code()).hasValue(1);
    assertThat(thrower.stderr().readAll())
        .startsWith("java.lang.IllegalStateException: no\n\tat dev.forkyard.e2e.Tasks.refuse")
        .contains("Caused by: java.lang.IllegalArgumentException: because");
    assertThatThrownBy(thrower::result)
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            failure -> {
              assertThat(failure.remoteMessage()).isEqualTo("no");
              assertThat(failure.remoteStack()).isEqualTo(thrower.stderr().readAll());
            });
  }

  @Test
  void terminateAndKillTellTheirSignalAndDoNothingAfterTheEnd() throws Exception {
    FunctionProcess<?> terminated = yard.processes().start(ProcessSemanticsTest::printAndHang);
    awaitOutput(terminated, "ready\n");
    terminated.terminate();
    assertThat(terminated.join(LONG).code()).hasValue(143); // a JVM exits by itself on TERM
    FunctionProcess<?> killed = yard.processes().start(ProcessSemanticsTest::hang);
    killed.kill();
    assertThat(killed.join(LONG).signal()).hasValue("KILL");
    killed.kill();
    killed.terminate();
    assertThat(killed.exitStatus().orElseThrow().signal()).hasValue("KILL");
  }

  @Test
  void terminateReachesDescendantsToo() throws Exception {
    FunctionProcess<?> parent = yard.processes().start(ProcessSemanticsTest::startSleeperAndHang);
    await().atMost(LONG).until(() -> parent.stdout().readAll().endsWith("\n"));
    long sleeper = Long.parseLong(parent.stdout().readAll().strip());
    assertThat(ProcessHandle.of(sleeper)).isPresent();
    parent.terminate();
    parent.join(LONG);
    await()
        .atMost(LONG)
        .until(() -> !ProcessHandle.of(sleeper).map(ProcessHandle::isAlive).orElse(false));
  }

  @Test
  void closeIsDeleteAndRefusedWhileItRuns() throws Exception {
    FunctionProcess<?> process = yard.processes().start(ProcessSemanticsTest::hang);
    assertRefused("PROCESS_RUNNING", process::delete);
    process.kill();
    process.join(LONG);
    process.delete();
    assertRefused("PROCESS_NOT_FOUND", process::isAlive);
  }

  @Test
  void nameIsTheIdAndBelongsToOneAtATime() throws Exception {
    FunctionProcess<String> named =
        yard.processes()
            .with(options().id("greeter").label("app", "shop").env(Map.of("WHO", "kel")))
            .start(ProcessSemanticsTest::environment, "WHO");
    assertThat(named.id()).isEqualTo("greeter");
    assertThat(named.result(LONG)).isEqualTo("kel");
    assertThat(named.info().labels()).isEqualTo(Map.of("app", "shop"));
    assertThat(yard.processes().get("greeter").pid()).isEqualTo(named.pid());
    assertRefused(
        "PROCESS_EXISTS",
        () -> yard.processes().with(options().id("greeter")).start(Tasks::square, 1));
  }

  @Test
  void runThatTakesTooLongIsStopped() throws Exception {
    FunctionProcess<?> process =
        yard.processes()
            .with(options().runTimeout(Duration.ofMillis(1)))
            .start(ProcessSemanticsTest::hang);
    assertThat(process.join(LONG).cause()).isEqualTo(ExitCause.TIMEOUT);
    assertThatThrownBy(() -> process.result(LONG))
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            failure -> assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.WORKER_LOST));
  }

  @Test
  void currentAndParentAreKnownInsideAndEmptyInTheMainProgram() throws Exception {
    assertThat(yard.processes().current()).isEmpty();
    assertThat(yard.processes().parent()).isEmpty();
    FunctionProcess<List<String>> process =
        yard.processes().with(options().id("family-1")).start(ProcessSemanticsTest::family, 2);
    assertThat(process.result(LONG))
        .containsExactly(
            "current family-1",
            "parent none",
            "current family-2",
            "parent family-1",
            "current family-3",
            "parent family-2");
    assertThat(process.info().parentSessionId()).hasValue(yard.sessionId());
    assertThat(process.info().parentProcessId()).isEmpty();
  }

  @Test
  void activeChildrenAreTheLivingOnesThatThisSessionHasStarted() throws Exception {
    try (Forkyard other = Forkyard.connect(yard.address())) {
      ManagedProcess stranger = yard.processes().start(ProcessSpec.of("sleep", "600"));
      assertThat(other.processes().active()).isEmpty();
      FunctionProcess<?> function = other.processes().start(ProcessSemanticsTest::hang);
      ManagedProcess command = other.processes().start(ProcessSpec.of("sleep", "600"));
      other.processes().start(ProcessSpec.of("true")).join();
      assertThat(other.processes().active())
          .extracting(ManagedProcess::id)
          .containsExactly(function.id(), command.id());
      function.kill();
      function.join();
      assertThat(other.processes().active())
          .singleElement()
          .satisfies(last -> assertThat(last.pid()).isEqualTo(command.pid()));
      command.kill();
      stranger.kill();
    }
  }

  @Test
  void childrenOfAChildAreItsActiveChildren() throws Exception {
    assertThat(yard.processes().start(ProcessSemanticsTest::countOwnChildren, 2).result(LONG))
        .isEqualTo(2);
  }

  @Test
  void daemonicChildrenEndWithTheirParentAlsoWhenItIsKilledAndOthersDoNot() throws Exception {
    FunctionProcess<?> parent =
        yard.processes().with(options().id("p")).start(ProcessSemanticsTest::startTwoAndHang);
    awaitOutput(parent, "started\n");
    parent.kill();
    assertThat(yard.processes().get("daemonic").join(LONG).cause())
        .isEqualTo(ExitCause.SESSION_ENDED);
    ManagedProcess lasting = yard.processes().get("lasting");
    assertThat(lasting.isAlive()).isTrue();
    assertThat(lasting.info().parentProcessId()).hasValue("p");
    lasting.kill();
  }

  @Test
  void daemonicProcessesMayHaveChildren() throws Exception {
    FunctionProcess<Integer> process =
        yard.processes()
            .with(options().daemon(true))
            .start(ProcessSemanticsTest::countOwnChildren, 1);
    assertThat(process.result(LONG)).isEqualTo(1);
    assertThat(process.info().ownerSessionId()).hasValue(yard.sessionId());
  }

  @Test
  void standardInputOfAChildIsAtItsEnd() throws Exception {
    assertThat(yard.processes().start(ProcessSemanticsTest::readInput).result(LONG)).isEqualTo(-1);
  }

  @Test
  void usableProcessorsAreThoseOfTheDaemon() {
    assertThat(yard.usableProcessors()).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void connectionInAStaticInitialiserIsRefusedWithASentence() {
    assertThatThrownBy(() -> yard.processes().start(Eager::run).result(LONG))
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            failure ->
                assertThat(failure.causes())
                    .singleElement()
                    .satisfies(
                        cause -> {
                          assertThat(cause.type()).isEqualTo(ForkyardException.class.getName());
                          assertThat(cause.message())
                              .contains("while it initialises a class")
                              .contains("connect in a method that the function calls");
                        }));
  }

  private static void awaitOutput(ManagedProcess process, String text) {
    await().atMost(LONG).until(() -> process.stdout().readAll().equals(text));
  }

  // run in other processes

  static String join0() {
    return "";
  }

  static String join1(String a) {
    return a;
  }

  static String join2(String a, int b) {
    return a + b;
  }

  static String join3(String a, int b, boolean c) {
    return a + b + c;
  }

  static String join4(String a, int b, boolean c, List<Integer> d) {
    return a + b + c + d;
  }

  static void print0() {
    System.out.println(0);
  }

  static void print1(String a) {
    System.out.println(join1(a));
  }

  static void print2(String a, int b) {
    System.out.println(join2(a, b));
  }

  static void print3(String a, int b, boolean c) {
    System.out.println(join3(a, b, c));
  }

  static void print4(String a, int b, boolean c, List<Integer> d) {
    System.out.println(join4(a, b, c, d));
  }

  static void hang() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  static void printAndHang() throws InterruptedException {
    System.out.println("ready");
    hang();
  }

  static int exit(int code) {
    System.exit(code);
    return code;
  }

  static void startSleeperAndHang() throws Exception {
    System.out.println(new ProcessBuilder("sleep", "600").start().pid());
    hang();
  }

  static String environment(String name) {
    return String.valueOf(System.getenv(name));
  }

  static int readInput() throws IOException {
    return System.in.read();
  }

  static List<String> family(int generations) throws Exception {
    try (Forkyard own = Forkyard.connect()) {
      String id = own.processes().current().orElseThrow().id();
      String parent = own.processes().parent().map(ManagedProcess::id).orElse("none");
      List<String> told = new java.util.ArrayList<>(List.of("current " + id, "parent " + parent));
      if (generations > 0) {
        int next = Integer.parseInt(id.substring(id.length() - 1)) + 1;
        told.addAll(
            own.processes()
                .with(options().id("family-" + next))
                .start(ProcessSemanticsTest::family, generations - 1)
                .result());
      }
      return told;
    }
  }

  static int countOwnChildren(int wanted) {
    try (Forkyard own = Forkyard.connect();
        Forkyard second = Forkyard.connect()) {
      for (int i = 0; i < wanted; i++) {
        own.processes().start(ProcessSpec.of("sleep", "600").daemon(true));
      }
      return second.processes().active().size();
    }
  }

  static void startTwoAndHang() throws Exception {
    Forkyard own = Forkyard.connect();
    own.processes().start(ProcessSpec.of("sleep", "600").id("daemonic").daemon(true));
    own.processes().start(ProcessSpec.of("sleep", "600").id("lasting"));
    System.out.println("started");
    hang();
  }

  /** Connects as soon as it is loaded. */
  static final class Eager {
    private static final Forkyard YARD = Forkyard.connect();

    private Eager() {}

    static String run() {
      return YARD.address();
    }
  }
}
