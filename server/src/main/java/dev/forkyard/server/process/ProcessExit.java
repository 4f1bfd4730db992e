package dev.forkyard.server.process;

import dev.forkyard.server.os.ChildExit;

/** How a process ended, and why. */
public record ProcessExit(ChildExit facts, ExitCause cause) {

  /** True for exit code 0. */
  public boolean isSuccess() {
    return facts.code().orElse(-1) == 0;
  }

  /** In words, such as {@code exit code 3} or {@code signal KILL}. */
  public String inWords() {
    if (facts.code().isPresent()) {
      return "exit code " + facts.code().getAsInt();
    }
    return facts.signal().map(signal -> "signal " + signal.name()).orElse("unknown exit");
  }
}
