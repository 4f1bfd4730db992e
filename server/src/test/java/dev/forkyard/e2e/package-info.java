/** Tests through the SDK against a real daemon and real processes. */
@NullMarked
package dev.forkyard.e2e;

import org.jspecify.annotations.NullMarked;
