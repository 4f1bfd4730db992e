package dev.forkyard.examples.bench;

import java.nio.charset.StandardCharsets;

/** What is sent. */
final class Items {
  /** The usual item. */
  static final byte[] SMALL = ofBytes(100);

  private Items() {}

  static byte[] ofBytes(int bytes) {
    return "x".repeat(bytes).getBytes(StandardCharsets.US_ASCII);
  }
}
