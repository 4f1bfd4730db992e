@NullMarked
package dev.forkyard.server.os;

import org.jspecify.annotations.NullMarked;
