package dev.forkyard.server.os;

/** What standard input, output and error of a child are. */
public sealed interface Stdio {
  /** Input is {@code /dev/null}, both outputs are pipes. */
  Stdio DEFAULT = new Pipes(false, false);

  /**
   * Pipes to the daemon.
   *
   * @param input true for an input that can be written, see {@link Child#input}; otherwise it is
   *     {@code /dev/null}
   * @param merged true lets standard error go where standard output goes, in the order of writing
   */
  record Pipes(boolean input, boolean merged) implements Stdio {}

  /**
   * A terminal of the child's own, its controlling terminal. All that is written there is standard
   * output.
   *
   * @param rows 1 to 65,535
   * @param columns 1 to 65,535
   */
  record Terminal(int rows, int columns) implements Stdio {
    private static final int MOST = 65_535;

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException when it is out of range
     */
    public Terminal {
      if (rows < 1 || rows > MOST || columns < 1 || columns > MOST) {
        throw new IllegalArgumentException("no size of a terminal: " + rows + " x " + columns);
      }
    }
  }
}
