package dev.forkyard.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.v1.Assign;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.WorkerFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class WorkerTest {
  private static final String THIS_JAVA = System.getProperty("java.home");

  private final Path temp;
  private final List<FakeDaemon> started = new ArrayList<>();

  WorkerTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @AfterEach
  void endWorkers() throws IOException {
    for (FakeDaemon daemon : started) {
      daemon.close();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.forkyard.worker.Jdks#homes")
  void greetsRunsCallsInOrderAndLeavesWithoutAWord(Path javaHome) throws Exception {
    FakeDaemon daemon = start(javaHome.toString(), Map.of());

    assertThat(daemon.read())
        .isEqualTo(
            WorkerFrame.newBuilder()
                .setHello(
                    Hello.newBuilder()
                        .setToken(FakeDaemon.TOKEN)
                        .setProtocolVersion(1)
                        .setLanguage("java"))
                .build());
    daemon.assign(1, "square", "(I)I", 0, 3, "[[1],[2],[3]]");
    daemon.assign(2, "plus", "", 0, 1, "[[1,2,3]]");
    daemon.drain();

    assertThat(daemon.results(1, 3)).isEqualTo(Map.of(0, "1", 1, "4", 2, "9"));
    assertThat(daemon.results(2, 1)).isEqualTo(Map.of(0, "6"));
    assertThat(daemon.read()).isNull();
    assertThat(daemon.worker.waitFor()).isZero();
    assertThat(daemon.standardOutput()).isEmpty();
    assertThat(daemon.standardError()).isEmpty();
  }

  @Test
  void helloNeedsNeitherCodecNorTransport() throws Exception {
    Path log = temp.resolve("classes.log");
    FakeDaemon daemon = start(THIS_JAVA, Map.of(), "-Xlog:class+load:file=" + log);

    assertThat(daemon.read()).isNotNull();
    daemon.worker.destroyForcibly().waitFor();

    String loaded = Files.readString(log);
    assertThat(loaded).contains("dev.forkyard.worker.WorkerMain ");
    for (String name : List.of("com.fasterxml", "com.google", "io.grpc", "dev.forkyard.client")) {
      assertThat(loaded).doesNotContain(" " + name + ".");
    }
    assertThat(loaded).doesNotContain("dev.forkyard.worker.Calls");
  }

  @Test
  void firstCallsAreSkipped() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(5, "square", "(I)I", 2, 4, "[[1],[\"not a number\"],[3],[4]]");

    assertThat(daemon.results(5, 2)).isEqualTo(Map.of(2, "9", 3, "16"));
  }

  @Test
  void manyResultsTravelTogether() throws Exception {
    FakeDaemon daemon = startAndGreet();
    int count = 100_000;

    daemon.assign(1, "square", "(J)J", 0, count, oneArgument(count));

    int frames = 0;
    int answered = 0;
    while (answered < count) {
      ChunkResults results = daemon.next().getResults();
      assertThat(results.getFirst()).isEqualTo(answered);
      answered += results.getCount();
      frames++;
    }
    assertThat(answered).isEqualTo(count);
    assertThat(frames).isLessThan(count / 10);
  }

  @Test
  void resultsOfFastCallsDoNotWaitForASlowOne() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(1, "hangAt", "", 0, 4, "[[0,2],[1,2],[2,2],[3,2]]");

    assertThat(daemon.results(1, 2)).isEqualTo(Map.of(0, "0", 1, "1"));
  }

  @Test
  void resultLargerThanTheJournalArrives() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(1, "repeat", "", 0, 3, "[[\"a\",1],[\"b\",1000000],[\"c\",1]]");

    Map<Integer, String> results = daemon.results(1, 3);
    assertThat(results.get(0)).isEqualTo("\"a\"");
    assertThat(results.get(1)).isEqualTo("\"" + "b".repeat(1_000_000) + "\"");
    assertThat(results.get(2)).isEqualTo("\"c\"");
  }

  @Test
  void callThatThrowsIsAFailureBetweenResults() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(9, "fail", "", 0, 3, "[[0],[1],[2]]");

    assertThat(daemon.results(9, 1)).isEqualTo(Map.of(0, "0"));
    CallFailure failure = daemon.next().getFailure();
    assertThat(failure.getNumber()).isEqualTo(9);
    assertThat(failure.getIndex()).isEqualTo(1);
    assertThat(failure.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_TASK_ERROR);
    assertThat(failure.getFailure().getType()).isEqualTo("java.lang.IllegalStateException");
    assertThat(failure.getFailure().getMessage()).isEqualTo("odd 1");
    assertThat(failure.getFailure().getStackText())
        .startsWith("java.lang.IllegalStateException: odd 1\n\tat dev.forkyard.client")
        .contains("Caused by: java.lang.IllegalArgumentException: cause")
        .doesNotContain("dev.forkyard.worker")
        .doesNotContain("java.lang.invoke");
    assertThat(failure.getFailure().getCauses(0).getMessage()).isEqualTo("cause");
    assertThat(failure.getFailure().getLanguage()).isEqualTo("java");
    assertThat(daemon.results(9, 1)).isEqualTo(Map.of(2, "2"));
  }

  @Test
  void everyKindOfFailureIsToldAndTheWorkerGoesOn() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(1, "overflow", "", 0, 1, "[[1]]");
    assertFailure(daemon, FailureKind.FAILURE_KIND_TASK_ERROR, "");
    daemon.assign(2, "unencodable", "", 0, 1, "[[]]");
    assertFailure(daemon, FailureKind.FAILURE_KIND_ENCODE_ERROR, "cannot be written as JSON");
    daemon.assign(3, "nan", "", 0, 1, "[[]]");
    assertFailure(daemon, FailureKind.FAILURE_KIND_ENCODE_ERROR, "JSON has no number for NaN");
    daemon.assign(4, "square", "(I)I", 0, 1, "[[\"x\"]]");
    assertFailure(daemon, FailureKind.FAILURE_KIND_DECODE_ERROR, "cannot be read as int");
    daemon.assign(5, "square", "(I)I", 0, 1, "not JSON");
    assertFailure(daemon, FailureKind.FAILURE_KIND_DECODE_ERROR, "");
    daemon.assign(6, "square", "", 0, 1, "[[1]]");
    assertFailure(
        daemon,
        FailureKind.FAILURE_KIND_DECODE_ERROR,
        "static int square(int) [(I)I], static long square(long) [(J)J]");
    daemon.assign(7, "missing", "", 0, 1, "[[1]]");
    assertFailure(daemon, FailureKind.FAILURE_KIND_DECODE_ERROR, "does not exist");
    daemon.assign(named("java.lang.Math::abs", "(I)I"));
    assertFailure(daemon, FailureKind.FAILURE_KIND_DECODE_ERROR, "belongs to the JDK");
    daemon.assign(named("com.acme.Missing::run", ""));
    assertFailure(daemon, FailureKind.FAILURE_KIND_DECODE_ERROR, "not on the class path");
    daemon.assign(10, "square", "(I)I", 0, 1, "[[3]]");
    assertThat(daemon.results(10, 1)).isEqualTo(Map.of(0, "9"));
  }

  @Test
  void instanceMethodsVoidAndGenericTypesAreCalled() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(
        named("dev.forkyard.client.internal.Job::name", "", "[[{\"name\":\"n\",\"size\":0}]]"));
    assertThat(daemon.results(77, 1)).isEqualTo(Map.of(0, "\"n\""));
    daemon.assign(2, "nothing", "", 0, 1, "[[]]");
    assertThat(daemon.results(2, 1)).isEqualTo(Map.of(0, "null"));
    daemon.assign(3, "names", "", 0, 1, "[[[{\"a\":{\"name\":\"x\",\"size\":1,\"tags\":[]}}]]]");
    assertThat(daemon.results(3, 1)).isEqualTo(Map.of(0, "[\"x\"]"));
    daemon.assign(4, "same", "", 0, 1, "[[null]]");
    assertThat(daemon.results(4, 1)).isEqualTo(Map.of(0, "null"));
  }

  @Test
  void interruptLeftBehindByACallHurtsNothing() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(1, "interrupt", "", 0, 2, "[[1],[2]]");
    daemon.assign(2, "interrupt", "", 0, 1, "[[3]]");

    assertThat(daemon.results(1, 2)).isEqualTo(Map.of(0, "1", 1, "2"));
    assertThat(daemon.results(2, 1)).isEqualTo(Map.of(0, "3"));
  }

  @Test
  void outputBelongsToTheFunction() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(1, "print", "", 0, 1, "[[\"hello\"]]");
    daemon.drain();

    assertThat(daemon.worker.waitFor()).isZero();
    assertThat(daemon.standardOutput()).isEqualTo("hello\n");
  }

  @Test
  void exitInACallKeepsItsCodeAndTheResultsBeforeIt() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(3, "exitAt", "", 0, 20, arguments(20, ",7,42"));

    assertThat(daemon.worker.waitFor()).isEqualTo(42);
    assertFinishedAndRunning(daemon, 3, 7);
  }

  @Test
  void suddenDeathInACallLosesNoFinishedCall() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.assign(3, "haltAt", "", 0, 5000, arguments(5000, ",3456"));

    assertThat(daemon.worker.waitFor()).isEqualTo(9);
    assertFinishedAndRunning(daemon, 3, 3456);
  }

  @Test
  void killedWorkerLosesNoFinishedCall() throws Exception {
    for (int round = 0; round < 3; round++) {
      FakeDaemon daemon = startAndGreet();
      int count = 300_000;
      daemon.assign(8, "square", "(J)J", 0, count, oneArgument(count));
      Map<Integer, String> answered = FakeDaemon.resultsOf(daemon.next().getResults());
      while (answered.size() < 20_000 * round) {
        answered.putAll(FakeDaemon.resultsOf(daemon.next().getResults()));
      }

      daemon.worker.destroyForcibly().waitFor();

      readToTheEnd(daemon, answered);
      int unsent = batch(daemon.journal(), answered);
      long running = daemon.journal().getLong(0);
      int finished = answered.size();
      assertThat(finished).isBetween(1, count);
      assertThat(answered.keySet()).containsExactlyElementsOf(range(finished));
      assertThat(answered).allSatisfy((i, r) -> assertThat(r).isEqualTo("" + (long) i * i));
      assertThat(running).isIn(-1L, 8L << 32 | finished, 8L << 32 | (finished - 1));
      assertThat(unsent).isLessThanOrEqualTo(finished);
    }
  }

  @Test
  void workerGoesWithItsDaemonEvenInACall() throws Exception {
    FakeDaemon daemon = startAndGreet();
    daemon.assign(1, "hangAt", "", 0, 2, "[[0,1],[1,1]]");
    assertThat(daemon.results(1, 1)).isEqualTo(Map.of(0, "0"));

    daemon.closeLink();

    assertThat(daemon.worker.waitFor()).isEqualTo(70);
  }

  @Test
  void frameThatIsTooLargeEndsTheWorker() throws Exception {
    FakeDaemon daemon = startAndGreet();

    daemon.writeRaw(ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE).flip());

    assertThat(daemon.worker.waitFor()).isEqualTo(70);
  }

  @Test
  void drainFinishesWhatWasAssigned() throws Exception {
    FakeDaemon daemon = startAndGreet();
    for (int i = 1; i <= 20; i++) {
      daemon.assign(i, "square", "(I)I", 0, 1, "[[" + i + "]]");
    }
    daemon.drain();

    for (int i = 1; i <= 20; i++) {
      assertThat(daemon.results(i, 1)).isEqualTo(Map.of(0, "" + i * i));
    }
    daemon.closeLink();
    assertThat(daemon.worker.waitFor()).isZero();
  }

  @Test
  void functionProcessPrintsTheFailureAndExitsWithOne() throws Exception {
    FakeDaemon daemon = start(THIS_JAVA, Map.of("FORKYARD_WORKER_MODE", "process"));
    assertThat(daemon.next().hasHello()).isTrue();

    daemon.assign(1, "fail", "", 0, 1, "[[1]]");
    daemon.drain();

    CallFailure failure = daemon.next().getFailure();
    daemon.closeLink();
    assertThat(daemon.worker.waitFor()).isEqualTo(1);
    assertThat(daemon.standardError()).isEqualTo(failure.getFailure().getStackText());
  }

  @Test
  void functionProcessThatReturnsExitsWithZero() throws Exception {
    FakeDaemon daemon = start(THIS_JAVA, Map.of("FORKYARD_WORKER_MODE", "process"));
    assertThat(daemon.next().hasHello()).isTrue();

    daemon.assign(1, "fail", "", 0, 1, "[[2]]");
    daemon.drain();

    assertThat(daemon.results(1, 1)).isEqualTo(Map.of(0, "2"));
    assertThat(daemon.worker.waitFor()).isZero();
  }

  private FakeDaemon start(String javaHome, Map<String, String> environment, String... flags)
      throws IOException {
    Path directory = Files.createTempDirectory(temp, "w");
    FakeDaemon daemon = new FakeDaemon(directory, javaHome, environment, flags);
    started.add(daemon);
    return daemon;
  }

  private FakeDaemon startAndGreet() throws IOException {
    FakeDaemon daemon = start(THIS_JAVA, Map.of());
    assertThat(daemon.next().hasHello()).isTrue();
    return daemon;
  }

  private static void readToTheEnd(FakeDaemon daemon, Map<Integer, String> answered)
      throws IOException {
    for (WorkerFrame frame = daemon.read(); frame != null; frame = daemon.read()) {
      answered.putAll(FakeDaemon.resultsOf(frame.getResults()));
    }
  }

  /** Adds the results that lie in the journal. */
  private static int batch(ByteBuffer journal, Map<Integer, String> answered) {
    int count = (int) (journal.getLong(16) >>> 32);
    int length = (int) journal.getLong(16);
    if (count > 0) {
      byte[] text = new byte[length];
      journal.get(24, text);
      answered.putAll(FakeDaemon.split(journal.getInt(12), count, new String(text, UTF_8)));
    }
    return count;
  }

  private static void assertFinishedAndRunning(FakeDaemon daemon, int number, int running)
      throws IOException {
    Map<Integer, String> answered = new TreeMap<>();
    readToTheEnd(daemon, answered);
    batch(daemon.journal(), answered);
    assertThat(answered.keySet()).containsExactlyElementsOf(range(running));
    assertThat(answered).allSatisfy((i, result) -> assertThat(result).isEqualTo("" + i));
    assertThat(daemon.journal().getLong(0)).isEqualTo((long) number << 32 | running);
  }

  private static void assertFailure(FakeDaemon daemon, FailureKind kind, String message)
      throws IOException {
    Failure failure = daemon.failure().getFailure();
    assertThat(failure.getKind()).isEqualTo(kind);
    assertThat(failure.getMessage()).contains(message);
  }

  private static Assign named(String function, String signature) {
    return named(function, signature, "[[1]]");
  }

  private static Assign named(String function, String signature, String arguments) {
    return Assign.newBuilder()
        .setNumber(77)
        .setFunction(Function.newBuilder().setName(function).setSignature(signature))
        .setCount(1)
        .setArguments(Payload.newBuilder().setJson(arguments))
        .build();
  }

  private static String oneArgument(int count) {
    return arguments(count, "");
  }

  private static String arguments(int count, String others) {
    return range(count).stream()
        .map(i -> "[" + i + others + "]")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static List<Integer> range(int end) {
    return IntStream.range(0, end).boxed().toList();
  }
}
