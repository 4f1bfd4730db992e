/** Tests of what only the inside of pipes shows. */
@NullMarked
package dev.forkyard.server.pipe;

import org.jspecify.annotations.NullMarked;
