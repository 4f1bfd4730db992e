/** Counts the words of a folder with a pool, a queue, a process and a pipe: the demo. */
@NullMarked
package dev.forkyard.examples.wordcount;

import org.jspecify.annotations.NullMarked;
