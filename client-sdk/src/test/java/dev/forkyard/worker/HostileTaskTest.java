package dev.forkyard.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls that do what no call should: each ends as the right failure, and the worker goes on. */
@Timeout(120)
class HostileTaskTest {
  private final Path temp;
  private @Nullable FakeDaemon daemon;

  HostileTaskTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @AfterEach
  void endWorker() throws IOException {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Test
  void exceptionWhoseOwnMethodsThrowIsTold() throws Exception {
    FakeDaemon worker = start(Map.of());
    for (String how : List.of("message", "print", "text", "cause", "trace")) {
      Failure failure = failureOf(worker, "throwBroken", "[[\"" + how + "\"]]");
      assertThat(failure.getKind()).isEqualTo(FailureKind.FAILURE_KIND_TASK_ERROR);
      assertThat(failure.getType()).isEqualTo(BrokenException.class.getName());
    }
    assertUsable(worker);
  }

  @Test
  void errorsAreFailuresLikeExceptions() throws Exception {
    FakeDaemon worker = start(Map.of());
    assertThat(failureOf(worker, "overflow", "[[0]]").getType())
        .isEqualTo("java.lang.StackOverflowError");
    Failure failure = failureOf(worker, "throwError", "[[]]");
    assertThat(failure.getType()).isEqualTo("java.lang.LinkageError");
    assertThat(failure.getKind()).isEqualTo(FailureKind.FAILURE_KIND_TASK_ERROR);
    assertUsable(worker);
  }

  @Test
  void callThatRunsOutOfMemoryFailsAndItsWorkerTakesNoOther() throws Exception {
    FakeDaemon worker = start(Map.of(), "-Xmx48m", "-XX:+UseSerialGC");
    worker.assignFunction(1, name("fillMemory"), "", 0, 2, "[[],[]]");

    Failure failure = worker.failure().getFailure();

    assertThat(failure.getKind()).isEqualTo(FailureKind.FAILURE_KIND_TASK_ERROR);
    assertThat(failure.getType()).isEqualTo("java.lang.OutOfMemoryError");
    assertThat(worker.read()).isNull();
    assertThat(worker.worker.waitFor()).isEqualTo(72);
    assertThat(worker.journal().getLong(0)).isEqualTo(-1);
    assertThat(worker.standardError()).contains("ran out of memory");
  }

  @Test
  void memoryThatIsFullForGoodEndsTheWorkerWithOrWithoutAWord() throws Exception {
    FakeDaemon worker = start(Map.of(), "-Xmx48m", "-XX:+UseSerialGC");
    worker.assignFunction(1, name("keepMemory"), "", 0, 2, "[[],[]]");

    var frame = worker.read();

    if (frame == null) { // the call is the running one: it is to blame
      assertThat(worker.worker.waitFor()).isEqualTo(71);
      assertThat(worker.journal().getLong(0)).isEqualTo(1L << 32);
    } else {
      assertThat(frame.getFailure().getFailure().getType()).isEqualTo("java.lang.OutOfMemoryError");
      assertThat(worker.read()).isNull();
      assertThat(worker.worker.waitFor()).isEqualTo(72);
    }
  }

  @Test
  void streamsThatAreClosedOrReplacedAndThreadsThatStayHurtNothing() throws Exception {
    FakeDaemon worker = start(Map.of());
    worker.assignFunction(1, name("spoilStreams"), "", 0, 1, "[[]]");
    assertThat(worker.results(1, 1)).isEqualTo(Map.of(0, "null"));
    assertUsable(worker);
    worker.drain();
    assertThat(worker.worker.waitFor()).isZero();
  }

  @Test
  void functionProcessPrintsItsFailureWhateverBecameOfSystemErr() throws Exception {
    FakeDaemon worker = start(Map.of("FORKYARD_WORKER_MODE", "process"));
    worker.assignFunction(1, name("replaceErrAndThrow"), "", 0, 1, "[[]]");
    worker.drain();
    Failure failure = worker.failure().getFailure();
    assertThat(worker.worker.waitFor()).isEqualTo(1);
    assertThat(worker.standardError()).isEqualTo(failure.getStackText()).contains("für");
  }

  private FakeDaemon start(Map<String, String> environment, String... flags) throws IOException {
    FakeDaemon started = new FakeDaemon(temp, System.getProperty("java.home"), environment, flags);
    daemon = started;
    assertThat(started.next().hasHello()).isTrue();
    return started;
  }

  private static String name(String method) {
    return HostileTaskTest.class.getName() + "::" + method;
  }

  private static Failure failureOf(FakeDaemon worker, String method, String arguments)
      throws IOException {
    worker.assignFunction(1, name(method), "", 0, 1, arguments);
    return worker.failure().getFailure();
  }

  private static void assertUsable(FakeDaemon worker) throws IOException {
    worker.assign(99, "square", "(I)I", 0, 1, "[[7]]");
    assertThat(worker.results(99, 1)).isEqualTo(Map.of(0, "49"));
  }

  // run in the worker

  private static final List<byte[]> KEPT = new ArrayList<>();

  static void throwBroken(String how) {
    throw new BrokenException(how);
  }

  static void throwError() {
    throw new LinkageError("linked badly");
  }

  static int overflow(int n) {
    return n < 0 ? 0 : overflow(n + 1) + 1;
  }

  static int fillMemory() {
    Object memory = "";
    while (true) {
      memory = new Object[] {memory, new byte[1 << 20]};
    }
  }

  static int keepMemory() {
    int size = 1 << 20;
    while (true) {
      try {
        KEPT.add(new byte[size]);
      } catch (OutOfMemoryError full) {
        if (size < 1 << 14) {
          throw full;
        }
        size /= 2;
      }
    }
  }

  static void spoilStreams() throws IOException {
    System.in.close();
    System.out.close();
    System.err.close();
    System.setOut(null);
    System.setErr(null);
    new Thread(
            () -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })
        .start();
  }

  static void replaceErrAndThrow() {
    System.setErr(null);
    throw new IllegalStateException("für");
  }

  /** One whose methods throw. */
  static final class BrokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String how;

    BrokenException(String how) {
      this.how = how;
    }

    private void fail(String method) {
      if (how.equals(method)) {
        throw new IllegalStateException("broken " + method);
      }
    }

    @Override
    public @Nullable String getMessage() {
      fail("message");
      return super.getMessage();
    }

    @Override
    public void printStackTrace(java.io.PrintWriter out) {
      fail("print");
      super.printStackTrace(out);
    }

    @Override
    public String toString() {
      fail("text");
      return super.toString();
    }

    @Override
    public synchronized @Nullable Throwable getCause() {
      fail("cause");
      return super.getCause();
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      fail("trace");
      return super.getStackTrace();
    }
  }
}
