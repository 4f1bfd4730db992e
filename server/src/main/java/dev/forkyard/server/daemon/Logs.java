package dev.forkyard.server.daemon;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The daemon's log: one line an event on standard error. */
final class Logs {
  /** Kept here so that their levels are not collected with them. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  private Logs() {}

  static void install() {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    ConsoleHandler console = new ConsoleHandler();
    console.setFormatter(new OneLine());
    root.addHandler(console);
    GRPC.setLevel(Level.SEVERE);
  }

  /** Time, level, message, and the error if there is one, on one line whatever they contain. */
  static final class OneLine extends Formatter {
    private static final int LINE_SEPARATOR = 0x2028;

    private static final int PARAGRAPH_SEPARATOR = 0x2029;

    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
            .withZone(ZoneId.systemDefault());

    @Override
    public String format(LogRecord event) {
      StringBuilder line = new StringBuilder();
      line.append(TIME.format(event.getInstant())).append(' ').append(event.getLevel()).append(' ');
      escape(formatMessage(event), line);
      if (event.getThrown() != null) {
        StringWriter trace = new StringWriter();
        event.getThrown().printStackTrace(new PrintWriter(trace, true));
        escape(": " + trace.toString().strip(), line);
      }
      return line.append('\n').toString();
    }

    private static void escape(String text, StringBuilder line) {
      text.codePoints()
          .forEach(
              c -> {
                if (c == '\n') {
                  line.append(" | ");
                } else if (c == '\t') {
                  line.append(' ');
                } else if (Character.isISOControl(c)
                    || c == LINE_SEPARATOR
                    || c == PARAGRAPH_SEPARATOR) {
                  line.append("\\u%04x".formatted(c));
                } else {
                  line.appendCodePoint(c);
                }
              });
    }
  }
}
