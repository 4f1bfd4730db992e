package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.GetSystemInfoResponse;
import java.time.Instant;
import java.util.Set;

/**
 * What the daemon is and what lives in it.
 *
 * @param version its version
 * @param instanceId id of this run of it
 * @param pid its pid
 * @param startTime when it was started
 * @param javaVersion the Java that runs it
 * @param processors processors that it and its children may use
 * @param capabilities names of what it can do, such as {@code process.command}
 * @param sessions sessions now
 * @param processes living processes now
 * @param pools pools now
 * @param queues queues now
 * @param pipes pipes now
 * @param waitingCalls calls that wait now
 */
public record SystemInfo(
    String version,
    String instanceId,
    int pid,
    Instant startTime,
    String javaVersion,
    int processors,
    Set<String> capabilities,
    int sessions,
    int processes,
    int pools,
    int queues,
    int pipes,
    int waitingCalls) {

  static SystemInfo of(GetSystemInfoResponse info) {
    return new SystemInfo(
        info.getVersion(),
        info.getInstanceId(),
        info.getPid(),
        Protos.instant(info.getStartTime()),
        info.getJavaVersion(),
        info.getProcessors(),
        Set.copyOf(info.getCapabilitiesList()),
        info.getCounts().getSessions(),
        info.getCounts().getProcesses(),
        info.getCounts().getPools(),
        info.getCounts().getQueues(),
        info.getCounts().getPipes(),
        info.getCounts().getWaitingCalls());
  }
}
