package dev.forkyard.server.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Children of a test, with output files in its directory. */
final class Yard implements AutoCloseable {
  /** No test measures time; this only ends a test that hangs. */
  static final long PATIENCE_SECONDS = 60;

  final String marker = "test-" + UUID.randomUUID();
  final Children children;
  private final Path directory;
  private final AtomicInteger number = new AtomicInteger();

  Yard(Path directory) throws SpawnException {
    this.directory = directory;
    children = Children.start(marker);
  }

  /** A child and the announcement of its end. */
  record Run(Child child, CompletableFuture<ChildExit> ended, SpawnSpec spec) {
    ChildExit exit() {
      return await(ended);
    }

    String stdout() throws IOException {
      return new String(stdoutBytes(), StandardCharsets.UTF_8);
    }

    byte[] stdoutBytes() throws IOException {
      return OutputFiles.read(spec.stdoutFile(), 0, Integer.MAX_VALUE / 2);
    }

    String stderr() throws IOException {
      byte[] bytes = OutputFiles.read(spec.stderrFile(), 0, Integer.MAX_VALUE / 2);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  SpawnSpec spec(String... argv) {
    return spec(List.of(argv), Map.of(), false, "");
  }

  SpawnSpec spec(List<String> argv, Map<String, String> environment, boolean clear, String cwd) {
    int n = number.incrementAndGet();
    return new SpawnSpec(
        argv,
        environment,
        clear,
        cwd,
        directory.resolve(n + ".stdout"),
        directory.resolve(n + ".stderr"));
  }

  Run start(String... argv) {
    return start(spec(argv));
  }

  Run shell(String script) {
    return start("/bin/sh", "-c", script);
  }

  Run start(SpawnSpec spec) {
    CompletableFuture<ChildExit> ended = new CompletableFuture<>();
    Child child = await(children.spawn(spec, ended::complete));
    return new Run(child, ended, spec);
  }

  static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    children.close();
  }
}
