/** The gRPC services, the session stream and the worker frames: thin adapters to the features. */
@NullMarked
package dev.forkyard.server.rpc;

import org.jspecify.annotations.NullMarked;
