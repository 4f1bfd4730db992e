/** Tests of what only the inside of sessions shows. */
@NullMarked
package dev.forkyard.server.session;

import org.jspecify.annotations.NullMarked;
