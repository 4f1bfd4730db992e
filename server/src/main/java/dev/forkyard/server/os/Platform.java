package dev.forkyard.server.os;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the daemon needs of the machine, and small questions to it. All methods are safe on every
 * thread.
 */
public final class Platform {
  static final boolean IS_ARM = System.getProperty("os.arch", "").equals("aarch64");

  private static final int PERMISSION_BITS = 07777;
  private static final int TYPE_BITS = 0170000;
  private static final int SOCKET_TYPE = 0140000;
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

  private Platform() {}

  /**
   * Who owns a file, and its permission bits.
   *
   * @param uid user id of the owner
   * @param mode the lower twelve bits: permissions, setuid, setgid, sticky
   * @param symbolicLink true when the path itself is a symbolic link
   * @param socket true when it is a Unix socket
   */
  public record Ownership(int uid, int mode, boolean symbolicLink, boolean socket) {}

  /**
   * Checks the floor of the daemon; answers a sentence that says what is missing, empty when
   * nothing is.
   */
  public static Optional<String> check() {
    return check(
        System.getProperty("os.name", ""),
        System.getProperty("os.arch", ""),
        System.getProperty("os.version", ""),
        libcVersion());
  }

  static Optional<String> check(String system, String machine, String kernel, String libc) {
    if (!system.toLowerCase(Locale.ROOT).equals("linux")) {
      return Optional.of("The daemon runs on Linux only; this is " + system + ".");
    }
    if (!machine.equals("amd64") && !machine.equals("aarch64")) {
      return Optional.of("The daemon runs on x86-64 and AArch64 only; this is " + machine + ".");
    }
    if (!atLeast(kernel, 5, 3)) {
      return Optional.of("The daemon needs Linux 5.3 or newer; this is " + kernel + ".");
    }
    if (!atLeast(libc, 2, 34)) {
      return Optional.of(
          "The daemon needs the GNU C library 2.34 or newer; "
              + (libc.isEmpty() ? "this system has another C library." : "this is " + libc + "."));
    }
    return Optional.empty();
  }

  private static boolean atLeast(String version, int major, int minor) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      return false;
    }
    int actual = Integer.parseInt(matcher.group(1));
    return actual > major || (actual == major && Integer.parseInt(matcher.group(2)) >= minor);
  }

  private static String libcVersion() {
    try {
      return NativeLibrary.getProcess()
          .getFunction("gnu_get_libc_version")
          .invokeString(new Object[0], false);
    } catch (UnsatisfiedLinkError e) {
      return "";
    }
  }

  /** User id with which this process acts. */
  public static int effectiveUid() {
    return LibC.geteuid();
  }

  /**
   * Answers owner and mode of a path, of the link itself where it is one.
   *
   * @throws IOException when there is no such path or it cannot be looked at
   */
  public static Ownership ownership(Path path) throws IOException {
    Map<String, Object> facts =
        Files.readAttributes(path, "unix:uid,mode,isSymbolicLink", LinkOption.NOFOLLOW_LINKS);
    return new Ownership(
        number(facts, "uid"),
        number(facts, "mode") & PERMISSION_BITS,
        Boolean.TRUE.equals(facts.get("isSymbolicLink")),
        (number(facts, "mode") & TYPE_BITS) == SOCKET_TYPE);
  }

  private static int number(Map<String, Object> facts, String name) {
    if (facts.get(name) instanceof Integer number) {
      return number;
    }
    throw new IllegalStateException("this file system view has no attribute " + name);
  }

  /**
   * Sets the umask of the whole process and answers the one before. Children are not affected, see
   * {@link Children}.
   */
  public static int umask(int mask) {
    return LibC.umask(mask);
  }
}
