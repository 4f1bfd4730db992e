package dev.forkyard.server.os;

import java.io.ByteArrayOutputStream;
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

  private static final long LIMIT = 64 << 20;

  final String marker = "test-" + UUID.randomUUID();
  final Children children;
  private final OutputFolder output;
  private final AtomicInteger number = new AtomicInteger();

  Yard(Path directory) throws SpawnException {
    children = Children.start(marker, directory.resolve("ledger"));
    output = new OutputFolder(directory, 4 * LIMIT, children.outputThread());
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
      return all(spec.output().stdout());
    }

    String stderr() throws IOException {
      return new String(all(spec.output().stderr()), StandardCharsets.UTF_8);
    }
  }

  /** Everything that is kept. */
  static byte[] all(OutputLog log) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long cursor = 0;
    while (cursor < log.end()) {
      OutputSlice slice = log.read(cursor, 1 << 20);
      bytes.writeBytes(slice.bytes());
      cursor = slice.next();
    }
    return bytes.toByteArray();
  }

  SpawnSpec spec(String... argv) {
    return spec(List.of(argv), Map.of(), false, "");
  }

  SpawnSpec spec(List<String> argv, Map<String, String> environment, boolean clear, String cwd) {
    return new SpawnSpec(
        argv, environment, clear, cwd, ChildAttributes.DEFAULT, Stdio.DEFAULT, newOutput());
  }

  SpawnSpec spec(ChildAttributes attributes, Stdio stdio, String script) {
    List<String> argv = List.of("/bin/sh", "-c", script);
    return new SpawnSpec(argv, Map.of(), false, "", attributes, stdio, newOutput());
  }

  ProcessOutput newOutput() {
    return output.newOutput("child." + number.incrementAndGet(), LIMIT);
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
