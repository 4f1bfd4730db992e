package dev.forkyard.client.internal;

import java.util.List;

/** A value of the tests. */
public record Job(String name, int size, List<String> tags) {
  Job(String name) {
    this(name, 0, List.of());
  }
}
