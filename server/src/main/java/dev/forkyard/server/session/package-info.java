/** Sessions, what ends with them, and the handles that travel between them. */
@NullMarked
package dev.forkyard.server.session;

import org.jspecify.annotations.NullMarked;
