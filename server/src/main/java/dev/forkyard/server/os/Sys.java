package dev.forkyard.server.os;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * System calls as the kernel means them: a result, or the negative errno. None throws, those that
 * may be interrupted go on by themselves.
 */
final class Sys {
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int E2BIG = 7;
  static final int ENOEXEC = 8;
  static final int ECHILD = 10;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int ENOTDIR = 20;
  static final int EINVAL = 22;
  static final int ENFILE = 23;
  static final int EMFILE = 24;
  static final int ENOSPC = 28;
  static final int ELOOP = 40;
  static final int ESHUTDOWN = 108;

  static final int SIGINFO_BYTES = 128;
  private static final int SIGINFO_PID_OFFSET = 16;
  static final int EPERM = 1;
  static final int EPIPE = 32;

  static final int F_OK = 0;
  static final int X_OK = 1;
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NOCTTY = 0x100;
  static final int O_APPEND = 0x400;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int O_NOFOLLOW = Platform.IS_ARM ? 0x8000 : 0x20000;

  private static final int F_SETFL = 4;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final long TCGETS = 0x5401;
  private static final long TIOCSWINSZ = 0x5414;
  private static final long FIONREAD = 0x541B;

  /** Bytes of the path of a pseudo terminal, generously. */
  private static final int TERMINAL_PATH_BYTES = 64;

  /** Where struct termios, as the kernel has it, keeps the character that means "end of file". */
  private static final int VEOF_OFFSET = 21;

  private static final int TERMIOS_BYTES = 64;
  private static final int RLIMIT_NOFILE = 7;
  private static final int CLONE_FS = 0x200;
  private static final int P_ALL = 0;
  private static final int P_PID = 1;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x1000000;
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;
  private static final int SIGCHLD = 17;
  private static final long SIG_DFL = 0;
  private static final long SIG_IGN = 1;

  private Sys() {}

  private static int errno() {
    return Native.getLastError();
  }

  private static int result(int result) {
    return result >= 0 ? result : -errno();
  }

  private static long result(long result) {
    return result >= 0 ? result : -errno();
  }

  static int open(String raw, int flags, int mode) {
    byte[] path = RawText.terminated(raw);
    int fd;
    do {
      fd = result(LibC.open(path, flags | O_CLOEXEC, mode));
    } while (fd == -EINTR);
    return fd;
  }

  static void close(int fd) {
    LibC.close(fd);
  }

  static int unlink(String raw) {
    return result(LibC.unlink(RawText.terminated(raw)));
  }

  static int access(String raw, int mode) {
    return result(LibC.access(RawText.terminated(raw), mode));
  }

  /** Makes a pipe that no child inherits: {@code ends[0]} is read, {@code ends[1]} is written. */
  static int pipe(int[] ends) {
    return result(LibC.pipe2(ends, O_CLOEXEC));
  }

  /** Makes this end, and this end only, of a pipe non-blocking. */
  static int setNonBlocking(int fd, int accessMode) {
    return result(LibC.fcntl(fd, F_SETFL, accessMode | O_NONBLOCK));
  }

  /** Bytes that can be read from a pipe now. */
  static int readable(int fd) {
    int[] count = new int[1];
    int result = result(LibC.ioctl(fd, FIONREAD, count));
    return result < 0 ? result : count[0];
  }

  /** A second descriptor, which no child inherits, for the same open file. */
  static int duplicate(int fd) {
    return result(LibC.fcntl(fd, F_DUPFD_CLOEXEC, 3));
  }

  /** Opens a new pseudo terminal, unlocked: the descriptor of its master. */
  static int openTerminal() {
    int master = result(LibC.posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    if (master < 0) {
      return master;
    }
    int unlocked = result(LibC.unlockpt(master));
    if (unlocked < 0) {
      close(master);
      return unlocked;
    }
    return master;
  }

  /** Raw path of the other side of a pseudo terminal; empty when the master is none. */
  static String terminalPath(int master) {
    byte[] path = new byte[TERMINAL_PATH_BYTES];
    if (LibC.ptsname_r(master, path, path.length) != 0) {
      return "";
    }
    String raw = RawText.ofBytes(path);
    return raw.substring(0, raw.indexOf('\0'));
  }

  static int setTerminalSize(int master, int rows, int columns) {
    // struct winsize: four unsigned shorts, of which the last two, pixels, stay 0
    return result(LibC.ioctl(master, TIOCSWINSZ, new int[] {rows | columns << 16, 0}));
  }

  /** The character that a terminal takes for the end of its input; 0 when it takes none. */
  static byte endOfFileCharacter(int master) {
    int[] settings = new int[TERMIOS_BYTES / Integer.BYTES];
    if (LibC.ioctl(master, TCGETS, settings) < 0) {
      return 0;
    }
    return (byte) (settings[VEOF_OFFSET / 4] >> (VEOF_OFFSET % 4 * Byte.SIZE));
  }

  static long read(int fd, long address, long count) {
    long n;
    do {
      n = result(LibC.read(fd, address, count));
    } while (n == -EINTR);
    return n;
  }

  static long write(int fd, long address, long count) {
    long n;
    do {
      n = result(LibC.write(fd, address, count));
    } while (n == -EINTR);
    return n;
  }

  /** Wakes whoever polls an eventfd. */
  static void signalEvent(int eventfd) {
    try (Memory one = new Memory(Long.BYTES)) {
      one.setLong(0, 1);
      write(eventfd, Pointer.nativeValue(one), Long.BYTES);
    }
  }

  static void clearEvent(int eventfd) {
    try (Memory count = new Memory(Long.BYTES)) {
      read(eventfd, Pointer.nativeValue(count), Long.BYTES);
    }
  }

  static int eventfd() {
    return result(LibC.eventfd(0, O_CLOEXEC | O_NONBLOCK));
  }

  static int epollCreate() {
    return result(LibC.epoll_create1(O_CLOEXEC));
  }

  static int epollControl(int epoll, int operation, int fd, Pointer event) {
    return result(LibC.epoll_ctl(epoll, operation, fd, event));
  }

  static int epollWait(int epoll, Pointer events, int max) {
    int n;
    do {
      n = result(LibC.epoll_wait(epoll, events, max, -1));
    } while (n == -EINTR);
    return n;
  }

  static int kill(int pid, int signal) {
    return result(LibC.kill(pid, signal));
  }

  /** Waits for one named child and reaps it: its pid, or the negative errno. */
  static int reap(int pid, int[] status, Pointer usage) {
    int reaped;
    do {
      reaped = result(LibC.wait4(pid, status, 0, usage));
    } while (reaped == -EINTR);
    return reaped;
  }

  /**
   * Waits until some child of this process has ended, and leaves it as it is: its pid, or the
   * negative errno.
   *
   * @param info room for what the kernel tells, {@link #SIGINFO_BYTES}
   */
  static int peekExited(Pointer info) {
    int result;
    do {
      result = result(LibC.waitid(P_ALL, 0, info, WEXITED | WNOWAIT));
    } while (result == -EINTR);
    return result < 0 ? result : info.getInt(SIGINFO_PID_OFFSET);
  }

  /**
   * Whether a child has ended, or is no child any more, and leaves it as it is.
   *
   * @param info room for what the kernel tells, {@link #SIGINFO_BYTES}
   */
  static boolean hasExited(int pid, Pointer info) {
    int result = result(LibC.waitid(P_PID, pid, info, WEXITED | WNOWAIT | WNOHANG));
    return result == -ECHILD || (result == 0 && info.getInt(SIGINFO_PID_OFFSET) == pid);
  }

  static int pidfdOpen(int pid) {
    return (int) result(LibC.syscall(PIDFD_OPEN, pid, 0, 0, 0));
  }

  static int pidfdSendSignal(int pidfd, int signal) {
    return (int) result(LibC.syscall(PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0));
  }

  /** Answers {soft, hard} of this process's descriptor limit. */
  static long[] descriptorLimit() {
    long[] limit = new long[2];
    LibC.prlimit(0, RLIMIT_NOFILE, null, limit);
    return limit;
  }

  /** Sets the descriptor limit of a process, 0 for this one. */
  static int setDescriptorLimit(int pid, long soft, long hard) {
    return result(LibC.prlimit(pid, RLIMIT_NOFILE, new long[] {soft, hard}, null));
  }

  /** Sets the niceness of the calling thread, which what it starts inherits. */
  static int setNiceness(int nice) {
    return result(LibC.setpriority(0, 0, nice));
  }

  /** Gives the calling thread a umask and working directory of its own. */
  static int unshareFileSystemFacts() {
    return result(LibC.unshare(CLONE_FS));
  }

  /** Undoes an inherited "ignore SIGCHLD", with which the kernel would throw exit statuses away. */
  static void keepExitStatuses() {
    long before = LibC.signal(SIGCHLD, SIG_DFL);
    if (before != SIG_DFL && before != SIG_IGN) {
      LibC.signal(SIGCHLD, before);
    }
  }

  /**
   * Fills whichever of descriptors 0 to 2 is closed, so that no pipe of ours gets such a number.
   */
  static void fillStandardDescriptors() {
    int fd;
    do {
      fd = open("/dev/null", O_RDWR, 0);
    } while (fd >= 0 && fd <= 2);
    if (fd > 2) {
      close(fd);
    }
  }

  /** Name of an errno, such as {@code ENOENT}. */
  static String errnoName(int errno) {
    Pointer name = LibC.strerrorname_np(errno);
    return name == null ? "errno " + errno : name.getString(0);
  }

  /** What an errno means, in English whatever the locale. */
  static String errnoText(int errno) {
    Pointer text = LibC.strerrordesc_np(errno);
    return text == null ? "unknown error " + errno : text.getString(0);
  }
}
