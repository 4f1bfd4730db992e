package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.forkyard.server.os.Poller.Watch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The process that kills our children when the daemon dies without having done so: a small shell in
 * a session of its own that reads a pipe from the daemon ({@code guard.sh}). It is told of process
 * groups without ever making the daemon wait: what the pipe does not take is kept, one line a
 * group, and sent later. A guard that dies is replaced.
 */
final class Guard {
  private static final Logger LOG = System.getLogger(Guard.class.getName());
  private static final int MAX_REPLACEMENTS = 10;
  private static final long END_SECONDS = 10;

  /** Writes up to this size go into a pipe whole or not at all. */
  private static final int ATOMIC_BYTES = 4096;

  private final Ledger ledger;
  private final Poller poller;
  private final Reaper reaper;
  private final PosixSpawn posixSpawn;
  private final Executor spawnThread;
  private final List<String> argv;
  private final List<String> environment;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Memory buffer = new Memory(ATOMIC_BYTES);

  @GuardedBy("lock")
  private final Map<Integer, Long> groups = new HashMap<>();

  /**
   * What the guard has to be told yet, by group; the newest line of a group replaces the one
   * before.
   */
  @GuardedBy("lock")
  private final Map<Integer, String> pending = new LinkedHashMap<>();

  @GuardedBy("lock")
  private int pipe = -1;

  @GuardedBy("lock")
  private @Nullable Watch watch;

  @GuardedBy("lock")
  private boolean awaitingRoom;

  @GuardedBy("lock")
  private boolean closing;

  @GuardedBy("lock")
  private int replacements;

  @GuardedBy("lock")
  private int pid;

  Guard(
      String marker,
      Environment environment,
      Ledger ledger,
      Poller poller,
      Reaper reaper,
      PosixSpawn posixSpawn,
      Executor spawnThread) {
    this.ledger = ledger;
    this.poller = poller;
    this.reaper = reaper;
    this.posixSpawn = posixSpawn;
    this.spawnThread = spawnThread;
    this.argv = List.of("sh", "-c", script(), "forkyard-guard", RawText.of(marker));
    String path = Objects.requireNonNullElse(environment.get("PATH"), "/usr/sbin");
    // No marker: the guard must not find itself.
    this.environment = List.of("PATH=" + path + ":/usr/bin:/bin", "LC_ALL=C");
  }

  private static String script() {
    try (InputStream in = Guard.class.getResourceAsStream("guard.sh")) {
      return RawText.ofBytes(Objects.requireNonNull(in, "guard.sh").readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts the guard; on the spawn thread.
   *
   * @throws SpawnException when the operating system refuses
   */
  void start() throws SpawnException {
    int[] ends = new int[2];
    int error = Sys.pipe(ends);
    if (error < 0) {
      throw SpawnException.resources(-error, "a pipe to the guard");
    }
    Sys.setNonBlocking(ends[1], Sys.O_WRONLY);
    int started =
        posixSpawn.spawn(
            new PosixSpawn.Call(
                "/bin/sh", argv, environment, "/", PosixSpawn.Streams.input(ends[0])));
    Sys.close(ends[0]);
    if (started < 0) {
      Sys.close(ends[1]);
      throw SpawnException.resources(-started, "to start /bin/sh as the guard");
    }
    adopt(new OwnedPid(started), ends[1]);
  }

  private void adopt(OwnedPid guard, int pipeEnd) throws SpawnException {
    Watch writable = poller.watch(pipeEnd, 0, this::writable);
    if (writable == null) {
      Sys.close(pipeEnd);
      guard.destroy();
      throw SpawnException.resources(Sys.ENOSPC, "to watch the pipe of the guard");
    }
    synchronized (lock) {
      pipe = pipeEnd;
      watch = writable;
      awaitingRoom = false;
      pid = guard.pid();
      groups.forEach((group, start) -> pending.put(group, line(group, start)));
      flush();
    }
    // A guard that was stopped, too, is cleaned up by the next daemon.
    ledger.record(guard.pid(), ProcFs.stat(guard.pid()).map(ProcFs.Stat::startTicks).orElse(0L));
    reaper.watch(guard, exit -> died(guard.pid()));
  }

  private void died(int deadPid) {
    ledger.strike(deadPid);
    boolean replace;
    synchronized (lock) {
      letGo();
      replace = !closing && replacements++ < MAX_REPLACEMENTS;
      if (closing) {
        ended.countDown();
      }
    }
    if (replace) {
      LOG.log(Level.WARNING, "the guard was killed; starting another");
      try {
        spawnThread.execute(this::replace);
      } catch (RejectedExecutionException e) {
        LOG.log(Level.DEBUG, "the daemon ends, no other guard is started");
      }
    }
  }

  private void replace() {
    try {
      start();
    } catch (SpawnException e) {
      LOG.log(Level.ERROR, "no guard any more: " + e.getMessage());
    }
  }

  /** Pid of the guard. */
  int pid() {
    synchronized (lock) {
      return pid;
    }
  }

  /** Tells the guard of a group and of the start time of its leader. Never waits. */
  void record(int group, long startTicks) {
    synchronized (lock) {
      groups.put(group, startTicks);
      tell(group, line(group, startTicks));
    }
  }

  /** Tells the guard that a group is no more. Never waits. */
  void strike(int group) {
    synchronized (lock) {
      if (groups.remove(group) != null) {
        tell(group, "- " + group + '\n');
      }
    }
  }

  /** True when the guard knows all that it has to know. */
  boolean toldAll() {
    synchronized (lock) {
      return pending.isEmpty();
    }
  }

  private static String line(int group, long startTicks) {
    return "+ " + group + ' ' + startTicks + '\n';
  }

  @GuardedBy("lock")
  private void tell(int group, String line) {
    pending.put(group, line);
    flush();
  }

  private void writable() {
    synchronized (lock) {
      flush();
    }
  }

  @GuardedBy("lock")
  private void flush() {
    if (pipe < 0) {
      return;
    }
    while (!pending.isEmpty()) {
      StringBuilder lines = new StringBuilder();
      int count = 0;
      for (String line : pending.values()) {
        if (lines.length() + line.length() > ATOMIC_BYTES) {
          break;
        }
        lines.append(line);
        count++;
      }
      if (!write(lines.toString())) {
        break;
      }
      forget(count);
    }
    awaitRoom(!pending.isEmpty());
  }

  @GuardedBy("lock")
  private void awaitRoom(boolean wanted) {
    if (watch != null && wanted != awaitingRoom) {
      awaitingRoom = wanted;
      watch.waitFor(wanted ? Poller.OUT : 0);
    }
  }

  @GuardedBy("lock")
  private void forget(int count) {
    Iterator<String> sent = pending.values().iterator();
    for (int i = 0; i < count; i++) {
      sent.next();
      sent.remove();
    }
  }

  @GuardedBy("lock")
  private boolean write(String lines) {
    byte[] bytes = lines.getBytes(StandardCharsets.US_ASCII);
    buffer.write(0, bytes, 0, bytes.length);
    return Sys.write(pipe, Pointer.nativeValue(buffer), bytes.length) == bytes.length;
  }

  @GuardedBy("lock")
  private void letGo() {
    if (watch != null) {
      watch.end();
      watch = null;
    }
    if (pipe >= 0) {
      Sys.close(pipe);
      pipe = -1;
    }
  }

  /**
   * Lets the guard kill what is left and end, and waits for it, ten seconds at most.
   *
   * @return true when it has ended, so that nothing is left
   */
  boolean closeAndAwait() {
    boolean guarded;
    synchronized (lock) {
      closing = true;
      guarded = pipe >= 0;
      if (guarded) {
        write("end\n");
        letGo();
      }
    }
    return guarded && awaitEnd();
  }

  private boolean awaitEnd() {
    try {
      if (ended.await(END_SECONDS, TimeUnit.SECONDS)) {
        return true;
      }
      LOG.log(Level.WARNING, "the guard still finds processes that do not die");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
