/** The program of the README. */
@NullMarked
package dev.forkyard.examples.quickstart;

import org.jspecify.annotations.NullMarked;
