@NullMarked
package dev.forkyard.server.worker;

import org.jspecify.annotations.NullMarked;
