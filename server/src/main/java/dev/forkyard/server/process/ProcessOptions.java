package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Labels;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.os.Signal;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a process lives, whatever it executes.
 *
 * @param labels words to find it by: at most 32, keys are ids, values have at most 256 bytes
 * @param stopSignal first signal of a stop
 * @param stopGrace time between that and KILL where a stop does not say
 * @param runTimeout longest time that a run may take; null for ever
 * @param outputLimit most bytes of output kept on disk; 0 for the daemon's default
 * @param endsGroup whether a run that ends takes along what it leaves of its process group
 */
public record ProcessOptions(
    Map<String, String> labels,
    Signal stopSignal,
    Duration stopGrace,
    @Nullable Duration runTimeout,
    long outputLimit,
    boolean endsGroup) {
  private static final long LEAST_OUTPUT_LIMIT = 65_536;

  /** What a process has that nobody says anything about. */
  public static final ProcessOptions DEFAULT =
      new ProcessOptions(
          Map.of(), Signal.TERM, Duration.ofSeconds(10), null, OutputStore.DEFAULT_LIMIT, false);

  /**
   * Checks and copies the labels.
   *
   * @throws Fault INVALID_ARGUMENT
   */
  public ProcessOptions {
    if (outputLimit != OutputStore.DEFAULT_LIMIT && outputLimit < LEAST_OUTPUT_LIMIT) {
      throw Fault.invalid(
              "output_limit_bytes",
              "output_limit_bytes must be 65536 or more, or 0 for the daemon's default.")
          .with("value", outputLimit);
    }
    labels = Labels.checked(labels);
  }

  /** The same, but what the process leaves of its group is ended after it. */
  public ProcessOptions withGroupEnding() {
    return new ProcessOptions(labels, stopSignal, stopGrace, runTimeout, outputLimit, true);
  }

  /** Whether its output is bounded as the daemon bounds it where nobody says anything. */
  public boolean hasUsualOutput() {
    return outputLimit == OutputStore.DEFAULT_LIMIT;
  }

  /**
   * Finds a signal.
   *
   * @throws Fault UNKNOWN_SIGNAL
   */
  public static Signal signal(String name) {
    return Signal.named(name)
        .orElseThrow(
            () ->
                new Fault(
                        Reason.UNKNOWN_SIGNAL,
                        "There is no signal \""
                            + shortened(name)
                            + "\"; use a name of Linux, such as TERM, KILL, HUP or USR1.")
                    .with("signal", shortened(name)));
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }
}
