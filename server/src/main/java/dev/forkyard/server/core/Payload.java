package dev.forkyard.server.core;

import java.util.List;

/** A value in transit. The daemon knows its size and what it refers to, and nothing else. */
public interface Payload {

  /** Size on the wire, in bytes. */
  int sizeBytes();

  /** Length of the value alone, in bytes; of JSON text in UTF-8. */
  default int contentBytes() {
    return sizeBytes();
  }

  /** References inside the value. */
  List<Handle> handles();
}
