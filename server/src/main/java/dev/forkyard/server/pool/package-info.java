/** Pools of workers. */
@NullMarked
package dev.forkyard.server.pool;

import org.jspecify.annotations.NullMarked;
