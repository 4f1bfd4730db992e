package dev.forkyard.server.testing;

import dev.forkyard.server.core.OutputExtent;
import dev.forkyard.server.process.Parent;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.ProcessState;
import java.util.List;
import java.util.Map;

/** Things at one moment, of which a test cares only that there are some. */
public final class Snapshots {
  private Snapshots() {}

  /** A process that runs. */
  public static ProcessSnapshot process(String id) {
    return new ProcessSnapshot(
        id,
        ProcessState.RUNNING,
        1,
        1,
        List.of(),
        "",
        null,
        "",
        "",
        Parent.NONE,
        null,
        null,
        null,
        OutputExtent.NONE,
        OutputExtent.NONE,
        null,
        Map.of(),
        1,
        1,
        null);
  }
}
