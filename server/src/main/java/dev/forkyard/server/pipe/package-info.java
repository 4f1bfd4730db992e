/** Bounded message pipes with two ends. */
@NullMarked
package dev.forkyard.server.pipe;

import org.jspecify.annotations.NullMarked;
