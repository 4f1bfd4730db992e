@NullMarked
package dev.forkyard.server;

import org.jspecify.annotations.NullMarked;
