/**
 * The worker runtime: the program of a process that runs functions.
 *
 * <p>Its classes alone form the bootstrap jar of workers. They use nothing but the JDK until the
 * first call is to be run; then {@link dev.forkyard.worker.Calls} brings in the codec from the
 * class path.
 */
@NullMarked
package dev.forkyard.worker;

import org.jspecify.annotations.NullMarked;
