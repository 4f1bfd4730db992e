@NullMarked
package dev.forkyard.server.core;

import org.jspecify.annotations.NullMarked;
