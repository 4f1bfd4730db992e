/** Processes that the daemon owns. */
@NullMarked
package dev.forkyard.server.process;

import org.jspecify.annotations.NullMarked;
