/** Tests of processes without a transport. */
@NullMarked
package dev.forkyard.server.process;

import org.jspecify.annotations.NullMarked;
