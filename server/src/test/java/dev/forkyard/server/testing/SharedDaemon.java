package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.v1.Counts;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One daemon for all tests of a class, which every test leaves as it was: after each it holds what
 * it held before and nothing more, no child, no session, no call that waits, no thread, no
 * descriptor, no line of trouble in its log. Register it with {@code @RegisterExtension} in a
 * static field. A test ends what it started; the check waits until that has come through.
 */
public final class SharedDaemon
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  /** Threads of the virtual machine and of pools of a fixed size, which start when first needed. */
  private static final Pattern THREADS_THAT_STAY =
      Pattern.compile(
          "forkyard-(rpc.*|files|timer)|os-scan|(C1|C2) Comp.*|(G1|GC|VM|Attach|process) .*");

  /** What the virtual machine opens when it needs it first. */
  private static final Pattern FILES_THAT_STAY =
      Pattern.compile(".*\\.(jar|so|jimage)|/usr/.*|/lib/.*|.*/lib/modules|/dev/u?random");

  private final Callable<TestDaemon> start;
  private @Nullable TestDaemon daemon;
  private @Nullable State before;

  /** A daemon with the standard options. */
  public SharedDaemon() {
    this(TestDaemon::start);
  }

  /** A daemon that is started in the way of the test. */
  public SharedDaemon(Callable<TestDaemon> start) {
    this.start = start;
  }

  /** The daemon, which serves. */
  public TestDaemon get() {
    return Objects.requireNonNull(daemon, "it is started before all tests");
  }

  /** A channel to it. */
  public ManagedChannel channel() {
    return get().channel();
  }

  private record State(
      Counts counts,
      List<Long> children,
      List<String> descriptors,
      List<String> threads,
      List<String> troubles) {

    static State of(TestDaemon daemon) {
      return new State(
          daemon.counts(),
          TestDaemon.started(daemon.directory()),
          entries(daemon, "fd", SharedDaemon::target, FILES_THAT_STAY),
          entries(daemon, "task", SharedDaemon::name, THREADS_THAT_STAY),
          daemon.log().stream().filter(line -> line.matches("\\S+ (WARNING|SEVERE) .*")).toList());
    }
  }

  @Override
  public void beforeAll(ExtensionContext tests) throws Exception {
    daemon = start.call();
  }

  @Override
  public void afterAll(ExtensionContext tests) throws IOException {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    before = State.of(get());
  }

  @Override
  public void afterEach(ExtensionContext test) {
    State then = before;
    if (then == null || test.getExecutionException().isPresent()) {
      return;
    }
    await()
        .atMost(TestDaemon.PATIENCE)
        .untilAsserted(() -> assertNothingMore(then, State.of(get())));
  }

  private static void assertNothingMore(State then, State now) {
    assertThat(now.children()).as("children").isSubsetOf(then.children());
    assertThat(now.counts()).as("counts").isEqualTo(then.counts());
    assertThat(now.threads()).as("threads").hasSizeLessThanOrEqualTo(then.threads().size());
    assertThat(now.descriptors())
        .as("descriptors")
        .hasSizeLessThanOrEqualTo(then.descriptors().size());
    assertThat(now.troubles()).as("troubles in the log").isEqualTo(then.troubles());
  }

  private static List<String> entries(
      TestDaemon daemon, String folder, Function<Path, String> meaning, Pattern ignored) {
    List<String> found = new ArrayList<>();
    try (Stream<Path> entries =
        Files.list(Path.of("/proc", Long.toString(daemon.process().pid()), folder))) {
      entries.map(meaning).filter(what -> !ignored.matcher(what).matches()).forEach(found::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closed) {
      return "/lib/closed";
    }
  }

  private static String name(Path thread) {
    try {
      return Files.readString(thread.resolve("comm")).strip();
    } catch (IOException ended) {
      return "ended";
    }
  }
}
