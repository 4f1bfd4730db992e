package dev.forkyard.server.daemon;

import dev.forkyard.server.os.OutputFolder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A limit on disk as an option: a number of bytes, or of {@code K}, {@code M} or {@code G}. */
final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG]?)");

  @Override
  public Long convert(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no size; give a number of bytes, or one with K, M or G, such as 64M");
    }
    long bytes = Long.parseLong(size.group(1)) * unit(size.group(2));
    if (bytes < OutputFolder.LEAST_LIMIT) {
      throw new TypeConversionException("'" + text + "' is too little; give 64K or more");
    }
    return bytes;
  }

  private static long unit(String suffix) {
    return switch (suffix) {
      case "K" -> 1L << 10;
      case "M" -> 1L << 20;
      case "G" -> 1L << 30;
      default -> 1;
    };
  }
}
