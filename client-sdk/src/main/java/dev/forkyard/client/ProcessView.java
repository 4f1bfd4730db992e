package dev.forkyard.client;

import java.io.BufferedOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A managed process as the JDK's type; {@link ManagedProcess#asProcess} says what is different. */
final class ProcessView extends Process {
  private static final int SIGNALLED = 128;
  private static final int NOT_STARTED = 127;
  private static final List<String> SIGNALS =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final String FIRST_REAL_TIME = "RTMIN";
  private static final int FIRST_REAL_TIME_NUMBER = 34;

  private final ManagedProcess process;
  private final OutputStream stdin;
  private final InputStream stdout;
  private final InputStream stderr;

  ProcessView(ManagedProcess process, ProcessSnapshot now) {
    this.process = process;
    this.stdin = new BufferedOutputStream(process.stdin());
    this.stdout = process.stdout().stream(now.stdout().runCursor());
    this.stderr = process.stderr().stream(now.stderr().runCursor());
  }

  @Override
  public OutputStream getOutputStream() {
    return stdin;
  }

  @Override
  public InputStream getInputStream() {
    return stdout;
  }

  @Override
  public InputStream getErrorStream() {
    return stderr;
  }

  @Override
  public int waitFor() throws InterruptedException {
    return value(process.join());
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    try {
      process.join(Duration.ofNanos(unit.toNanos(timeout)));
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Override
  public int exitValue() {
    return process
        .exitStatus()
        .map(ProcessView::value)
        .orElseThrow(() -> new IllegalThreadStateException("the process has not ended"));
  }

  @Override
  public void destroy() {
    process.terminate();
  }

  @Override
  public Process destroyForcibly() {
    process.kill();
    return this;
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public CompletableFuture<Process> onExit() {
    return process.onExit().thenApply(exit -> this);
  }

  @Override
  public ProcessHandle.Info info() {
    return new Info(process.info());
  }

  @Override
  public String toString() {
    return process.toString();
  }

  private static int value(ExitStatus exit) {
    if (exit.code().isPresent()) {
      return exit.code().getAsInt();
    }
    return exit.signal().map(name -> SIGNALLED + number(name)).orElse(NOT_STARTED);
  }

  private static int number(String signal) {
    if (signal.startsWith(FIRST_REAL_TIME)) {
      String offset = signal.substring(FIRST_REAL_TIME.length());
      return FIRST_REAL_TIME_NUMBER + (offset.isEmpty() ? 0 : Integer.parseInt(offset));
    }
    return SIGNALS.indexOf(signal) + 1;
  }

  private record Info(ProcessSnapshot now) implements ProcessHandle.Info {
    @Override
    public Optional<String> command() {
      return now.argv().stream().findFirst();
    }

    @Override
    public Optional<String> commandLine() {
      return Optional.of(String.join(" ", now.argv()));
    }

    @Override
    public Optional<String[]> arguments() {
      return Optional.of(now.argv().stream().skip(1).toArray(String[]::new));
    }

    @Override
    public Optional<Instant> startInstant() {
      return Optional.of(now.startTime());
    }

    @Override
    public Optional<Duration> totalCpuDuration() {
      return now.exit().map(exit -> exit.userTime().plus(exit.systemTime()));
    }

    @Override
    public Optional<String> user() {
      return Optional.empty();
    }
  }
}
