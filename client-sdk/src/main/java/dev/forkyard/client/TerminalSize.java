package dev.forkyard.client;

import dev.forkyard.v1.Terminal;

/**
 * The size of a terminal, in characters.
 *
 * @param rows 1 to 65535
 * @param columns 1 to 65535
 */
public record TerminalSize(int rows, int columns) {
  private static final int MOST = 65_535;

  /**
   * Makes sure that it is a size.
   *
   * @param rows 1 to 65535
   * @param columns 1 to 65535
   */
  public TerminalSize {
    if (rows < 1 || rows > MOST || columns < 1 || columns > MOST) {
      throw new IllegalArgumentException(
          "a terminal has 1 to 65535 rows and columns, not " + rows + " and " + columns);
    }
  }

  static TerminalSize of(Terminal terminal) {
    return new TerminalSize(terminal.getRows(), terminal.getColumns());
  }

  Terminal toProto() {
    return Terminal.newBuilder().setRows(rows).setColumns(columns).build();
  }
}
