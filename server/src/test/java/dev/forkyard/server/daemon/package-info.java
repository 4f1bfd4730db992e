@NullMarked
package dev.forkyard.server.daemon;

import org.jspecify.annotations.NullMarked;
