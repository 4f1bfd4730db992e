@NullMarked
package dev.forkyard.server.rpc;

import org.jspecify.annotations.NullMarked;
