package dev.forkyard.server.worker;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;
import java.util.function.Function;

/** A worker that runs the one call that loads everything, and ends. */
final class Warmth implements WorkerListener {
  /** Function that brings in the codec of the Java worker. */
  static final String CODEC = "codec";

  /** Function that brings in the SDK too. */
  static final String EVERYTHING = "everything";

  /** No other assignment has this number. */
  private static final int NUMBER = Integer.MAX_VALUE;

  private static final String RUNTIME = "dev.forkyard.worker.WarmUp::";
  private static final String ARGUMENTS =
      """
      [[[{"count":1,"bytes":2,"share":0.5,"done":true,"text":"a","list":["b"],"map":{"c":3},\
      "time":"2000-01-01T00:00:00Z","duration":"PT1S"}]]]\
      """;

  private final Assignment everything;

  Warmth(Function<String, Payload> jsonPayload) {
    everything = assignment(EVERYTHING, jsonPayload);
  }

  /** A call of a function of the worker runtime that warms it up. */
  static Assignment assignment(String function, Function<String, Payload> jsonPayload) {
    return new Assignment(
        NUMBER, new FunctionName(RUNTIME + function, ""), 0, 1, jsonPayload.apply(ARGUMENTS));
  }

  @Override
  public void ready(WorkerLink link) {
    link.assign(everything);
    link.drain();
  }

  @Override
  public void started(ProcessSnapshot process, Session session) {}

  @Override
  public void results(Results results) {}

  @Override
  public void failed(int number, int index, Failure failure) {}

  @Override
  public void disconnected() {}

  @Override
  public void lost(WorkerDeath death) {}
}
