package dev.forkyard.server.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The C library as it is: declarations, nothing else. Addresses and sizes are {@code long} (64-bit
 * Linux only). Functions with a variable argument list are declared with the arguments used here,
 * which the calling conventions of x86-64 and AArch64 allow.
 */
final class LibC {
  static {
    Native.register(LibC.class, NativeLibrary.getProcess());
  }

  private LibC() {}

  static native int open(byte[] path, int flags, int mode);

  static native int close(int fd);

  static native int unlink(byte[] path);

  static native int access(byte[] path, int mode);

  static native int pipe2(int[] fds, int flags);

  static native int fcntl(int fd, int command, int argument);

  static native int ioctl(int fd, long request, int[] argument);

  static native long read(int fd, long buffer, long count);

  static native long write(int fd, long buffer, long count);

  static native int posix_openpt(int flags);

  static native int unlockpt(int master);

  static native int ptsname_r(int master, byte[] path, long size);

  static native int eventfd(int initial, int flags);

  static native int epoll_create1(int flags);

  static native int epoll_ctl(int epoll, int operation, int fd, Pointer event);

  static native int epoll_wait(int epoll, Pointer events, int max, int timeoutMillis);

  static native int kill(int pid, int signal);

  static native int waitid(int idType, int id, Pointer info, int options);

  static native int wait4(int pid, int[] status, int options, Pointer usage);

  static native long syscall(long number, long a, long b, long c, long d);

  static native int prlimit(
      int pid, int resource, long @Nullable [] next, long @Nullable [] previous);

  static native long signal(int signal, long handler);

  static native int umask(int mask);

  static native int setpriority(int which, int who, int priority);

  static native int unshare(int flags);

  static native int geteuid();

  static native @Nullable Pointer strerrorname_np(int errno);

  static native @Nullable Pointer strerrordesc_np(int errno);

  static native int sigemptyset(Pointer set);

  static native int sigfillset(Pointer set);

  static native int posix_spawnattr_init(Pointer attributes);

  static native int posix_spawnattr_destroy(Pointer attributes);

  static native int posix_spawnattr_setflags(Pointer attributes, short flags);

  static native int posix_spawnattr_setsigmask(Pointer attributes, Pointer set);

  static native int posix_spawnattr_setsigdefault(Pointer attributes, Pointer set);

  static native int posix_spawn_file_actions_init(Pointer actions);

  static native int posix_spawn_file_actions_destroy(Pointer actions);

  static native int posix_spawn_file_actions_addopen(
      Pointer actions, int fd, byte[] path, int flags, int mode);

  static native int posix_spawn_file_actions_adddup2(Pointer actions, int fd, int newFd);

  static native int posix_spawn_file_actions_addchdir_np(Pointer actions, byte[] path);

  static native int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

  static native int posix_spawn(
      int[] pid,
      byte[] path,
      Pointer actions,
      Pointer attributes,
      Pointer argv,
      Pointer environment);
}
