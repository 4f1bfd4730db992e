package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.worker.WorkerDeath;

/** Why a worker did not get ready for work. */
interface NotReady {
  /** What calls fail with when all workers of a pool are like this one. */
  Failure failure(String poolId, WorkerDeath death);
}
