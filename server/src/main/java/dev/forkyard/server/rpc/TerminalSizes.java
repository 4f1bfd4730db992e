package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.v1.Terminal;

/** Sizes of terminals on the wire. */
final class TerminalSizes {
  private static final int MOST = 65_535;
  private static final int DEFAULT_ROWS = 24;
  private static final int DEFAULT_COLUMNS = 80;

  private TerminalSizes() {}

  static int rows(Terminal terminal) {
    return size("rows", terminal.getRows(), DEFAULT_ROWS);
  }

  static int columns(Terminal terminal) {
    return size("columns", terminal.getColumns(), DEFAULT_COLUMNS);
  }

  private static int size(String field, int value, int whenUnset) {
    if (value < 0 || value > MOST) {
      throw Fault.invalid(field, field + " must be 1 to " + MOST + ", or 0 for " + whenUnset + ".")
          .with("value", value);
    }
    return value == 0 ? whenUnset : value;
  }
}
