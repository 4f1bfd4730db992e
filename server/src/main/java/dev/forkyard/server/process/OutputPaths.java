package dev.forkyard.server.process;

import java.nio.file.Path;

/** The files that keep the output of one process. */
record OutputPaths(Path stdout, Path stderr) {

  Path of(OutputStreamName stream) {
    return stream == OutputStreamName.STDOUT ? stdout : stderr;
  }
}
