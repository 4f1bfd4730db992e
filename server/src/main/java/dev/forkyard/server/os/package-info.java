/**
 * The operating system behind one door: starts, signals and reaps child processes, moves their
 * output, reads {@code /proc}. Everything native is here, and nothing here knows the rest of the
 * server.
 *
 * <p>Four threads whatever the number of children: one spawns, one reaps, one moves output, one
 * looks through {@code /proc}.
 */
@NullMarked
package dev.forkyard.server.os;

import org.jspecify.annotations.NullMarked;
