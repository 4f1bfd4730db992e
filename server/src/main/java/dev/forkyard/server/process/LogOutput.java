package dev.forkyard.server.process;

import dev.forkyard.server.os.OutputLog;
import dev.forkyard.server.os.OutputSlice;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** One stream of a process of the daemon. What is written after its end is not followed. */
record LogOutput(OutputLog log, BooleanSupplier hasEnded) implements LiveOutput {

  @Override
  public long firstKept() {
    return log.extent().start();
  }

  @Override
  public long end() {
    return log.end();
  }

  @Override
  public long completeAt() {
    return hasEnded.getAsBoolean() ? log.exitBorder() : GOES_ON;
  }

  @Override
  public long lastComplete() {
    return log.exitBorder();
  }

  @Override
  public OutputSlice read(long cursor, int max) throws IOException {
    return log.read(cursor, max);
  }

  @Override
  public Runnable onGrowth(Runnable listener) {
    return log.onGrowth(listener)::close;
  }
}
