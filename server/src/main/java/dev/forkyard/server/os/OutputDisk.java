package dev.forkyard.server.os;

/**
 * The system calls with which output is written; all answer the negative errno when they fail. A
 * test puts a disk that fails in its place.
 */
class OutputDisk {
  private static final int APPEND = Sys.O_WRONLY | Sys.O_APPEND | Sys.O_NOFOLLOW;

  /** Makes a file that nobody else can read; fails when there is one of that name. */
  int create(String raw) {
    return Sys.open(raw, APPEND | Sys.O_CREAT | Sys.O_EXCL, 0600);
  }

  /** Opens a file of ours again to go on at its end. */
  int reopen(String raw) {
    return Sys.open(raw, APPEND, 0);
  }

  long write(int fd, long address, long count) {
    return Sys.write(fd, address, count);
  }

  void close(int fd) {
    Sys.close(fd);
  }

  int unlink(String raw) {
    return Sys.unlink(raw);
  }
}
