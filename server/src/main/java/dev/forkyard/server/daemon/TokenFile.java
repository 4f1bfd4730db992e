package dev.forkyard.server.daemon;

import dev.forkyard.server.os.Platform;
import dev.forkyard.server.os.Platform.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The file with the token that calls over TCP have to show. */
final class TokenFile {
  static final String HOW_TO_MAKE_ONE = "make one with (umask 077 && openssl rand -hex 32 > FILE)";

  private static final int OTHERS_MAY_READ_OR_WRITE = 077;
  private static final int FEWEST_CHARACTERS = 16;
  private static final int MOST_CHARACTERS = 1_024;

  /** What can stand in a header. */
  private static final Pattern TOKEN = Pattern.compile("[!-~]*");

  private TokenFile() {}

  /**
   * Reads the token. White space around it does not count.
   *
   * @throws StartFailure when others could read the file or have written it, or it holds no token
   */
  static String read(Path file) throws StartFailure {
    try {
      Path real = file.toRealPath();
      check(file, real);
      if (Files.size(real) > MOST_CHARACTERS) {
        throw unusable(file, "has more than " + MOST_CHARACTERS + " bytes");
      }
      // as ISO 8859-1 everything can be read, and what is no ASCII is refused below
      String token = Files.readString(real, StandardCharsets.ISO_8859_1).strip();
      if (token.length() < FEWEST_CHARACTERS) {
        throw unusable(
            file,
            "holds a token of %d characters, and at least %d are needed"
                .formatted(token.length(), FEWEST_CHARACTERS));
      }
      if (!TOKEN.matcher(token).matches()) {
        throw unusable(file, "holds white space inside the token, or characters beyond ASCII");
      }
      return token;
    } catch (IOException unreadable) {
      throw unusable(file, "cannot be read (" + unreadable + ")");
    }
  }

  private static void check(Path file, Path real) throws IOException, StartFailure {
    Ownership ownership = Platform.ownership(real);
    if (!Files.isRegularFile(real)) {
      throw unusable(file, "is not a file");
    }
    if (ownership.uid() != Platform.effectiveUid()) {
      throw unusable(file, "belongs to user " + ownership.uid());
    }
    if ((ownership.mode() & OTHERS_MAY_READ_OR_WRITE) != 0) {
      throw new StartFailure(
          "the token file " + file + " can be read or written by others: chmod 600 " + file);
    }
  }

  private static StartFailure unusable(Path file, String problem) {
    return new StartFailure("the token file " + file + " " + problem + "; " + HOW_TO_MAKE_ONE);
  }
}
