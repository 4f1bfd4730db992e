/** Measures Forkyard side by side with Python's multiprocessing. */
@NullMarked
package dev.forkyard.examples.bench;

import org.jspecify.annotations.NullMarked;
