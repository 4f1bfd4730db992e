package dev.forkyard.e2e;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** An argument and result that does something bad at one moment of its way. */
final class Trap {
  enum Moment {
    ENCODING_THE_ARGUMENT,
    DECODING_THE_ARGUMENT,
    RUNNING,
    ENCODING_THE_RESULT,
    DECODING_THE_RESULT
  }

  enum Deed {
    THROWS,
    THROWS_AN_ERROR,
    EXITS,
    IS_KILLED,
    RUNS_OUT_OF_MEMORY
  }

  private static final boolean IN_WORKER = System.getenv("FORKYARD_WORKER_TOKEN") != null;

  private final Moment moment;
  private final Deed deed;

  Trap(Moment moment, Deed deed) {
    this.moment = moment;
    this.deed = deed;
  }

  /** The function. */
  static Trap run(Trap trap) throws Exception {
    trap.at(Moment.RUNNING);
    return trap;
  }

  @JsonCreator
  static Trap decode(@JsonProperty("moment") Moment moment, @JsonProperty("deed") Deed deed)
      throws Exception {
    Trap trap = new Trap(moment, deed);
    trap.at(IN_WORKER ? Moment.DECODING_THE_ARGUMENT : Moment.DECODING_THE_RESULT);
    return trap;
  }

  @JsonProperty("moment")
  Moment moment() {
    return moment;
  }

  @JsonProperty("deed")
  Deed encodedDeed() throws Exception {
    at(IN_WORKER ? Moment.ENCODING_THE_RESULT : Moment.ENCODING_THE_ARGUMENT);
    return deed;
  }

  private void at(Moment now) throws Exception {
    if (now == moment) {
      switch (deed) {
        case THROWS -> throw new IllegalStateException("trapped");
        case THROWS_AN_ERROR -> throw new LinkageError("trapped");
        case EXITS -> System.exit(3);
        case IS_KILLED -> killThisProcess();
        case RUNS_OUT_OF_MEMORY -> fillMemory();
      }
    }
  }

  private static void killThisProcess() throws IOException, InterruptedException {
    String pid = Long.toString(ProcessHandle.current().pid());
    new ProcessBuilder("kill", "-KILL", pid).start();
    new CountDownLatch(1).await();
  }

  private static void fillMemory() {
    Object memory = "";
    while (true) {
      memory = new Object[] {memory, new byte[1 << 20]};
    }
  }
}
