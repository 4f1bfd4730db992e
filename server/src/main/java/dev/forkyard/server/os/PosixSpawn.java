package dev.forkyard.server.os;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * {@code posix_spawn} with what every child of ours gets: a session of its own, no blocked and no
 * ignored signal, no descriptor but 0 to 2. Used by one thread at a time.
 */
final class PosixSpawn implements AutoCloseable {
  /**
   * One start, all text raw.
   *
   * @param program path of the program
   * @param cwd working directory; empty for that of this process
   */
  record Call(
      String program, List<String> argv, List<String> environment, String cwd, Streams streams) {}

  /**
   * What descriptors 0 to 2 become.
   *
   * @param stdin descriptor for 0, or {@link #NULL_DEVICE}
   * @param stdout descriptor for 1, or {@link #NULL_DEVICE}
   * @param stderr descriptor for 2, or {@link #NULL_DEVICE}
   * @param terminal path of the terminal that is all of them; empty for none
   */
  record Streams(int stdin, int stdout, int stderr, String terminal) {
    static final Streams NULL_DEVICES = input(NULL_DEVICE);

    /** An input, and outputs that go nowhere. */
    static Streams input(int stdin) {
      return new Streams(stdin, NULL_DEVICE, NULL_DEVICE, "");
    }

    /** The process leads a session, so that the terminal becomes its controlling one. */
    static Streams terminal(String path) {
      return new Streams(NULL_DEVICE, NULL_DEVICE, NULL_DEVICE, path);
    }
  }

  static final int NULL_DEVICE = -1;

  private static final short SETSIGDEF = 0x04;
  private static final short SETSIGMASK = 0x08;
  private static final short SETSID = 0x80;
  // Sizes of the C library's structures, rounded up generously.
  private static final int SIGSET_BYTES = 128;
  private static final int ATTRIBUTES_BYTES = 512;
  private static final int ACTIONS_BYTES = 256;

  private final Memory attributes = new Memory(ATTRIBUTES_BYTES);

  PosixSpawn() {
    LibC.posix_spawnattr_init(attributes);
    LibC.posix_spawnattr_setflags(attributes, (short) (SETSIGDEF | SETSIGMASK | SETSID));
    try (Memory set = new Memory(SIGSET_BYTES)) {
      LibC.sigemptyset(set);
      LibC.posix_spawnattr_setsigmask(attributes, set);
      LibC.sigfillset(set);
      LibC.posix_spawnattr_setsigdefault(attributes, set);
    }
  }

  /**
   * Starts a process; its pid, or the negative errno. A bad {@code cwd} and a bad program are both
   * ENOENT.
   */
  int spawn(Call call) {
    try (Memory actions = new Memory(ACTIONS_BYTES);
        Memory argv = vector(call.argv());
        Memory environment = vector(call.environment())) {
      LibC.posix_spawn_file_actions_init(actions);
      try {
        int error = describe(actions, call);
        if (error != 0) {
          return -error;
        }
        int[] pid = new int[1];
        error =
            LibC.posix_spawn(
                pid, RawText.terminated(call.program()), actions, attributes, argv, environment);
        return error == 0 ? pid[0] : -error;
      } finally {
        LibC.posix_spawn_file_actions_destroy(actions);
      }
    }
  }

  private static int describe(Memory actions, Call call) {
    int error = describe(actions, call.streams());
    if (error == 0 && !call.cwd().isEmpty()) {
      error = LibC.posix_spawn_file_actions_addchdir_np(actions, RawText.terminated(call.cwd()));
    }
    return error == 0 ? LibC.posix_spawn_file_actions_addclosefrom_np(actions, 3) : error;
  }

  private static int describe(Memory actions, Streams streams) {
    if (!streams.terminal().isEmpty()) {
      return onTerminal(actions, RawText.terminated(streams.terminal()));
    }
    int error = redirect(actions, 0, streams.stdin(), Sys.O_RDONLY);
    if (error == 0) {
      error = redirect(actions, 1, streams.stdout(), Sys.O_WRONLY);
    }
    return error == 0 ? redirect(actions, 2, streams.stderr(), Sys.O_WRONLY) : error;
  }

  private static int onTerminal(Memory actions, byte[] path) {
    int error = LibC.posix_spawn_file_actions_addopen(actions, 0, path, Sys.O_RDWR, 0);
    if (error == 0) {
      error = LibC.posix_spawn_file_actions_adddup2(actions, 0, 1);
    }
    return error == 0 ? LibC.posix_spawn_file_actions_adddup2(actions, 0, 2) : error;
  }

  private static int redirect(Memory actions, int target, int source, int nullDeviceFlags) {
    return source == NULL_DEVICE
        ? LibC.posix_spawn_file_actions_addopen(
            actions, target, RawText.terminated("/dev/null"), nullDeviceFlags, 0)
        : LibC.posix_spawn_file_actions_adddup2(actions, source, target);
  }

  /** Lays out a {@code char *[]}: pointers, a null pointer, then the texts. */
  private static Memory vector(List<String> texts) {
    long pointers = (texts.size() + 1L) * Native.POINTER_SIZE;
    long size = pointers;
    for (String text : texts) {
      size += text.length() + 1L;
    }
    Memory memory = new Memory(size);
    long offset = pointers;
    for (int i = 0; i < texts.size(); i++) {
      byte[] bytes = texts.get(i).getBytes(StandardCharsets.ISO_8859_1);
      memory.setLong((long) i * Native.POINTER_SIZE, Pointer.nativeValue(memory) + offset);
      memory.write(offset, bytes, 0, bytes.length);
      memory.setByte(offset + bytes.length, (byte) 0);
      offset += bytes.length + 1L;
    }
    memory.setLong((long) texts.size() * Native.POINTER_SIZE, 0);
    return memory;
  }

  @Override
  public void close() {
    LibC.posix_spawnattr_destroy(attributes);
    attributes.close();
  }
}
