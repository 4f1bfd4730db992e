/** Tests of the SDK. */
@NullMarked
package dev.forkyard.client;

import org.jspecify.annotations.NullMarked;
