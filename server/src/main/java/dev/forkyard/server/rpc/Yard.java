package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.process.ProcessIo;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.worker.FunctionProcesses;
import dev.forkyard.server.worker.Workers;
import java.time.Instant;

/** Everything that is served. */
public record Yard(
    About about,
    YardLimits limits,
    WaiterLimit waiters,
    Scheduler scheduler,
    Sessions sessions,
    ProcessManager processes,
    ProcessIo io,
    Workers workers,
    FunctionProcesses functions,
    PoolManager pools,
    QueueManager queues,
    PipeManager pipes) {

  /** What the daemon says of itself. */
  public record About(String version, String instanceId, Instant startTime) {}
}
