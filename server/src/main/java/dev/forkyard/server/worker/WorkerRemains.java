package dev.forkyard.server.worker;

import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import org.jspecify.annotations.Nullable;

/**
 * What a dead worker left.
 *
 * @param unsent results that it had not sent; null for none, and without a journal
 * @param running the call that its journal names; null for none, and without a journal
 * @param stderrTail the end of what it wrote to standard error
 */
record WorkerRemains(@Nullable Results unsent, @Nullable RunningCall running, String stderrTail) {}
