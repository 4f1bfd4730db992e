package dev.forkyard.server.os;

import dev.forkyard.server.os.SpawnException.Stage;
import org.jspecify.annotations.Nullable;

/**
 * Finds what {@code posix_spawn} cannot say: which of directory and program is wrong. All text raw.
 */
final class ProgramLookup {
  private static final String DEFAULT_PATH = "/bin:/usr/bin";

  private ProgramLookup() {}

  /**
   * Checks that a child could enter the directory.
   *
   * @throws SpawnException when it could not
   */
  static void checkDirectory(String cwd) throws SpawnException {
    if (cwd.isEmpty()) {
      return;
    }
    if (!cwd.startsWith("/")) {
      String shown = RawText.shown(cwd);
      throw new SpawnException(
          Stage.WORKING_DIRECTORY,
          Sys.EINVAL,
          shown,
          "The working directory %s is relative. Give an absolute path.".formatted(shown));
    }
    int result = Sys.access(cwd + "/.", Sys.X_OK);
    if (result < 0) {
      String shown = RawText.shown(cwd);
      throw new SpawnException(
          Stage.WORKING_DIRECTORY,
          -result,
          shown,
          "The working directory %s cannot be entered: %s. Name an existing directory that the daemon may enter."
              .formatted(shown, Sys.errnoText(-result)));
    }
  }

  /**
   * Answers the path of a program: as it is when it has a slash, otherwise from the search path, as
   * execvp(3) does.
   *
   * @param path the child's {@code PATH}; null when it has none
   * @throws SpawnException when there is no such program or it may not be executed
   */
  static String find(String program, @Nullable String path, String cwd) throws SpawnException {
    if (program.isEmpty()) {
      throw SpawnException.arguments("The program, the first of argv, is empty. Name a program.");
    }
    if (program.indexOf('/') >= 0) {
      int result = look(program, cwd);
      if (result < 0) {
        throw failure(program, -result);
      }
      return program;
    }
    return search(program, path == null ? DEFAULT_PATH : path, cwd);
  }

  private static String search(String program, String path, String cwd) throws SpawnException {
    int error = Sys.ENOENT;
    for (String directory : path.split(":", -1)) {
      String candidate = (directory.isEmpty() ? "." : directory) + '/' + program;
      int result = look(candidate, cwd);
      if (result == 0) {
        return candidate;
      }
      if (result == -Sys.EACCES) {
        error = Sys.EACCES;
      }
    }
    throw failure(program, error);
  }

  /**
   * 0 for a file that may be executed, otherwise the negative errno that executing it would give.
   */
  private static int look(String program, String cwd) {
    String file = absolute(program, cwd);
    int result = Sys.access(file, Sys.X_OK);
    return result == 0 && Sys.access(file + "/.", Sys.F_OK) == 0 ? -Sys.EACCES : result;
  }

  /**
   * The file as seen from this process: a relative program is relative to the child's directory.
   */
  static String absolute(String program, String cwd) {
    return cwd.isEmpty() || program.startsWith("/") ? program : cwd + '/' + program;
  }

  private static SpawnException failure(String program, int errno) {
    String shown = RawText.shown(program);
    String advice =
        switch (errno) {
          case Sys.ENOENT ->
              program.indexOf('/') >= 0
                  ? "There is no program %s. Check the path.".formatted(shown)
                  : "There is no program %s in the PATH of the child's environment. Give its path, or set PATH in the environment."
                      .formatted(shown);
          case Sys.EACCES ->
              "%s may not be executed. Make it an executable file (chmod +x) that the daemon may reach."
                  .formatted(shown);
          default -> "%s cannot be executed: %s.".formatted(shown, Sys.errnoText(errno));
        };
    return new SpawnException(Stage.LOOKUP, errno, shown, advice);
  }
}
