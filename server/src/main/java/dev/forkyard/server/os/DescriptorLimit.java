package dev.forkyard.server.os;

import dev.forkyard.server.os.SpawnException.Stage;
import java.util.OptionalLong;

/**
 * The soft limit of open files with which the daemon was started. The JVM raises it for itself;
 * children get the original back, because many programs walk or select over all descriptors. It is
 * set just after the start, so that the first instructions of a child may still see the daemon's.
 *
 * <p>A JVM started with {@code -XX:-MaxFDLimit} leaves the limit alone: then it is known exactly,
 * and raised here. Otherwise the parent's limit, from which it was inherited, stands for it.
 */
final class DescriptorLimit {
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

  /** Sets the soft limit of a child that was just started. */
  void give(int pid, long childSoft) {
    if (childSoft != hard) {
      Sys.setDescriptorLimit(pid, childSoft, hard);
    }
  }
}
