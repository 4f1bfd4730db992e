package dev.forkyard.server.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The kinds of archive of loaded classes that a JDK can make and use. */
enum ArchiveKind {
  /** Class data sharing, JDK 17 to 24. */
  CDS(
      "jsa",
      "-XX:ArchiveClassesAtExit=",
      "-XX:SharedArchiveFile=",
      "-Xlog:cds*=off",
      "-Xshare:auto"),
  /** An ahead-of-time cache, from JDK 25 on. Must not be combined with -Xshare. */
  AOT("aot", "-XX:AOTCacheOutput=", "-XX:AOTCache=", "-Xlog:cds*=off", "-Xlog:aot*=off");

  private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)[^\"]*\"$");

  /** Other virtual machines have other flags. Not every HotSpot says what it is. */
  private static final Pattern NOT_HOTSPOT =
      Pattern.compile("(?m)^JVM_VARIANT=\"(?!Hotspot\").*$", Pattern.CASE_INSENSITIVE);

  private final String suffix;
  private final String making;
  private final String using;
  private final String quietly;
  private final String mode;

  ArchiveKind(String suffix, String making, String using, String quietly, String mode) {
    this.suffix = suffix;
    this.making = making;
    this.using = using;
    this.quietly = quietly;
    this.mode = mode;
  }

  /** What a JDK can do; null when it can do none. Blocks on the disk. */
  static @Nullable ArchiveKind of(String javaHome) {
    try {
      String release = Files.readString(Path.of(javaHome, "release"));
      Matcher version = VERSION.matcher(release);
      boolean known = version.find() && !NOT_HOTSPOT.matcher(release).find();
      int feature = known ? Integer.parseInt(version.group(1)) : 0;
      return feature >= 25 ? AOT : feature >= 17 ? CDS : null;
    } catch (IOException | NumberFormatException unknown) {
      return null;
    }
  }

  String suffix() {
    return suffix;
  }

  /** What lets a virtual machine make an archive at its end. */
  List<String> making(Path archive) {
    return List.of(making + archive);
  }

  /**
   * What lets a virtual machine use an archive. One that it cannot use changes nothing, and nothing
   * is said of it.
   */
  List<String> using(Path archive) {
    return List.of(quietly, mode, using + archive);
  }
}
