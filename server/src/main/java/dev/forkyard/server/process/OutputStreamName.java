package dev.forkyard.server.process;

import dev.forkyard.server.os.OutputLog;
import dev.forkyard.server.os.ProcessOutput;

/** The two output streams of a process. */
public enum OutputStreamName {
  STDOUT,
  STDERR;

  OutputLog of(ProcessOutput output) {
    return this == STDOUT ? output.stdout() : output.stderr();
  }
}
