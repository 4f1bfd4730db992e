package dev.forkyard.server.daemon;

/**
 * Hard limits of output on disk, in bytes.
 *
 * @param process for a process that asks for no other
 * @param total for all processes together
 */
record OutputLimits(long process, long total) {}
