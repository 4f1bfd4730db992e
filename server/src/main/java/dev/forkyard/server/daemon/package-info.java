/** The program: options, files, start and orderly end. */
@NullMarked
package dev.forkyard.server.daemon;

import org.jspecify.annotations.NullMarked;
