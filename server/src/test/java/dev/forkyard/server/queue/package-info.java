/** Tests of what only the inside of queues shows. */
@NullMarked
package dev.forkyard.server.queue;

import org.jspecify.annotations.NullMarked;
