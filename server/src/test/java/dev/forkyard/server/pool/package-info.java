/** Tests of pools without processes. */
@NullMarked
package dev.forkyard.server.pool;

import org.jspecify.annotations.NullMarked;
