/** What tests of the server share. */
@NullMarked
package dev.forkyard.server.testing;

import org.jspecify.annotations.NullMarked;
