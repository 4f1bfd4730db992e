package dev.forkyard.server.os;

import java.util.HashSet;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/** A disk that fails when it is told to, and knows what is open. For one thread. */
final class FaultyDisk extends OutputDisk {
  private final Set<Integer> open = new HashSet<>();
  private long calls;
  private int creations;
  private LongUnaryOperator fault = call -> 0;
  private Runnable afterWrite = () -> {};

  /**
   * @param fault answers the errno with which a call fails, of its number, or 0
   */
  void failWith(LongUnaryOperator fault) {
    this.fault = fault;
    calls = 0;
  }

  /** Looks after every write. */
  void afterWrite(Runnable look) {
    afterWrite = look;
  }

  int openDescriptors() {
    return open.size();
  }

  int creations() {
    return creations;
  }

  @Override
  int create(String raw) {
    int errno = next();
    creations++;
    return errno == 0 ? opened(super.create(raw)) : -errno;
  }

  @Override
  int reopen(String raw) {
    int errno = next();
    return errno == 0 ? opened(super.reopen(raw)) : -errno;
  }

  /** A write that fails writes the half first, as at the end of a disk. */
  @Override
  long write(int fd, long address, long count) {
    int errno = next();
    if (errno == 0) {
      long written = super.write(fd, address, count);
      afterWrite.run();
      return written;
    }
    return count > 1 && calls % 2 == 0 ? super.write(fd, address, count / 2) : -errno;
  }

  @Override
  void close(int fd) {
    super.close(fd);
    open.remove(fd);
  }

  private int opened(int fd) {
    if (fd >= 0) {
      open.add(fd);
    }
    return fd;
  }

  private int next() {
    calls++;
    return (int) fault.applyAsLong(calls);
  }
}
