@NullMarked
package dev.forkyard.server.contract;

import org.jspecify.annotations.NullMarked;
