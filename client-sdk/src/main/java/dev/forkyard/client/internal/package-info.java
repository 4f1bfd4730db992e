/** What the SDK and the worker runtime share; no part of the public API. */
@NullMarked
package dev.forkyard.client.internal;

import org.jspecify.annotations.NullMarked;
