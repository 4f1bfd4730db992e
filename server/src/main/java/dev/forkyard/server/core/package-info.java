/**
 * What every feature is made of: parked calls, registries, state machines, faults. Knows no
 * transport.
 */
@NullMarked
package dev.forkyard.server.core;

import org.jspecify.annotations.NullMarked;
