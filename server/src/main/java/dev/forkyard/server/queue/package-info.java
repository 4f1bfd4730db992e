/** Bounded queues whose items are leased. */
@NullMarked
package dev.forkyard.server.queue;

import org.jspecify.annotations.NullMarked;
