package dev.forkyard.server.os;

import dev.forkyard.server.os.SpawnException.Stage;
import java.util.OptionalLong;

/**
 * The soft limit of open files with which the daemon was started. The JVM raises it for itself;
 * children get the original back, because many programs walk or select over all descriptors. It is
 * the limit of a whole process, so a child has it from its first instruction on only if the daemon
 * may have it too for the moment of the start: if so many descriptors are free below it that no
 * other thread can run out of them. Otherwise the child is given it just after its start.
 *
 * <p>A JVM started with {@code -XX:-MaxFDLimit} leaves the limit alone: then it is known exactly,
 * and raised here. Otherwise the parent's limit, from which it was inherited, stands for it.
 */
final class DescriptorLimit {
  /** Descriptors that other threads may need during a start. */
  private static final long SPARE = 64;

  private final long soft;
  private final long hard;

  private DescriptorLimit(long soft, long hard) {
    this.soft = soft;
    this.hard = hard;
  }

  static DescriptorLimit takeOver() {
    long[] own = Sys.descriptorLimit();
    long soft = own[0];
    long hard = own[1];
    if (soft != hard) {
      Sys.setDescriptorLimit(0, hard, hard);
      return new DescriptorLimit(soft, hard);
    }
    int parent = ProcFs.stat(ProcFs.self()).map(ProcFs.Stat::parent).orElse(0);
    return new DescriptorLimit(
        Math.min(hard, ProcFs.softDescriptorLimit(parent).orElse(hard)), hard);
  }

  /**
   * Answers the soft limit that a child gets.
   *
   * @throws SpawnException when the one wanted is above the hard limit
   */
  long softOr(OptionalLong wanted) throws SpawnException {
    if (wanted.isPresent() && wanted.getAsLong() > hard) {
      throw new SpawnException(
          Stage.OPEN_FILES,
          Sys.EINVAL,
          "",
          "The limit of %d open files is above the hard limit of the daemon, %d. Use a smaller one, or raise the hard limit before the daemon starts."
              .formatted(wanted.getAsLong(), hard));
    }
    return wanted.orElse(soft);
  }

  /** A start: the pid, or a negative errno. */
  interface Start {
    int run() throws SpawnException;
  }

  /** Starts a child with a soft limit; answers what the start does. */
  int spawn(long childSoft, Start start) throws SpawnException {
    if (childSoft == hard) {
      return start.run();
    }
    if (!isRoomBelow(childSoft)) {
      int pid = start.run();
      if (pid > 0) {
        Sys.setDescriptorLimit(pid, childSoft, hard);
      }
      return pid;
    }
    Sys.setDescriptorLimit(0, childSoft, hard);
    try {
      return start.run();
    } finally {
      Sys.setDescriptorLimit(0, hard, hard);
    }
  }

  private static boolean isRoomBelow(long limit) {
    long open = ProcFs.openDescriptors();
    return open > 0 && open + SPARE <= limit;
  }
}
