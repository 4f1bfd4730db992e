package dev.forkyard.server.os;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a child gets of the kernel besides its program.
 *
 * @param umask mask of the permissions of new files, 0 to 0777; empty for that of the daemon's
 *     start
 * @param maxOpenFiles soft limit of open files; empty for that of the daemon's start. Set just
 *     after the start, so that the first instructions may still see the daemon's
 * @param nice niceness, -20 to 19; empty for the daemon's
 */
public record ChildAttributes(OptionalInt umask, OptionalLong maxOpenFiles, OptionalInt nice) {
  /** As the daemon was started. */
  public static final ChildAttributes DEFAULT =
      new ChildAttributes(OptionalInt.empty(), OptionalLong.empty(), OptionalInt.empty());
}
