package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.os.SpawnException.Stage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The child processes of the daemon and the threads that serve them. Methods may be called on every
 * thread; none waits but {@link #start} and {@link #close}.
 *
 * <p>Each child leads a session of its own, has {@code /dev/null} as standard input, no blocked or
 * ignored signal, no other descriptor, the daemon's original soft limit of open files, and the
 * yard's marker in {@code FORKYARD_YARD}. When the daemon dies, however it dies, a guard process
 * kills them and all that carries the marker; when both are killed, the next start does.
 */
public final class Children implements AutoCloseable {
  static final Pattern MARKER = Pattern.compile("[A-Za-z0-9_-]{8,64}");
  private static final int MAX_WAITING_SPAWNS = 16_384;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ThreadPoolExecutor spawnThread;
  private final PosixSpawn posixSpawn;
  private final Reaper reaper;
  private final OutputPump pump;
  private final Guard guard;
  private final Ledger ledger;
  private final ProcessGroups groups;
  private final Spawner spawner;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Set<Child> living = new HashSet<>();

  @GuardedBy("lock")
  private boolean closed;

  private Children(String marker, Path ledgerFile) throws SpawnException {
    Sys.keepExitStatuses();
    Sys.fillStandardDescriptors();
    Environment environment = Environment.ofThisProcess();
    spawnThread = spawnThread();
    posixSpawn = new PosixSpawn();
    reaper = new Reaper();
    Poller outputThread = new Poller("os-output");
    pump = new OutputPump(outputThread);
    ledger = Ledger.begin(ledgerFile, marker);
    guard = new Guard(marker, environment, ledger, outputThread, reaper, posixSpawn, spawnThread);
    groups = new ProcessGroups(Spawner.MARKER_NAME + '=' + marker, guard, ledger);
    DescriptorLimit limit = DescriptorLimit.takeOver();
    spawner = new Spawner(environment, marker, limit, posixSpawn, pump, groups);
  }

  /**
   * Cleans up after the daemon that wrote this ledger, if it was killed together with its guard,
   * then begins a ledger of its own and starts the threads and the guard. Children get the umask
   * that the process has now. Blocks; ten seconds when something does not die.
   *
   * @param marker value of {@code FORKYARD_YARD}, 8 to 64 letters, digits, {@code -} or {@code _};
   *     hard to guess and never used before
   * @param ledger a file in a directory of the daemon's own, used by one daemon at a time; removed
   *     at an end in order
   * @throws SpawnException when the operating system refuses
   * @throws IllegalArgumentException for another marker
   */
  public static Children start(String marker, Path ledger) throws SpawnException {
    if (!MARKER.matcher(marker).matches()) {
      throw new IllegalArgumentException("not a marker: " + marker);
    }
    // What was left stays in the ledger until it is gone; a daemon killed meanwhile loses nothing.
    StartupSweep.after(ledger);
    Children children = new Children(marker, ledger);
    try {
      children.startGuard();
      return children;
    } catch (SpawnException e) {
      children.close();
      throw e;
    }
  }

  private static ThreadPoolExecutor spawnThread() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(MAX_WAITING_SPAWNS),
        work ->
            daemonThread(
                () -> {
                  // The daemon may change its umask later; what children inherit is this thread's.
                  Sys.unshareFileSystemFacts();
                  work.run();
                },
                "os-spawn"));
  }

  static Thread daemonThread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  private void startGuard() throws SpawnException {
    CompletableFuture<Void> started = new CompletableFuture<>();
    spawnThread.execute(
        () -> {
          try {
            guard.start();
            started.complete(null);
          } catch (SpawnException | RuntimeException e) {
            started.completeExceptionally(e);
          }
        });
    try {
      started.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof SpawnException refused) {
        throw refused;
      }
      throw e;
    }
  }

  /**
   * Starts a process. The answer comes before its end is reported, however soon it ends; cancelling
   * the answer changes nothing.
   *
   * @param onExit called once, on the output thread, when the process has ended and all that it
   *     wrote is in its logs; must not block
   * @return completed on the spawn thread, where dependents must not block; fails with {@link
   *     SpawnException}
   */
  public CompletableFuture<Child> spawn(SpawnSpec spec, Consumer<ChildExit> onExit) {
    CompletableFuture<Child> answer = new CompletableFuture<>();
    try {
      spawnThread.execute(() -> spawn(spec, onExit, answer));
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(
          isClosed()
              ? closedException()
              : SpawnException.resources(Sys.EAGAIN, "more starts than can wait"));
    }
    return answer;
  }

  private void spawn(SpawnSpec spec, Consumer<ChildExit> onExit, CompletableFuture<Child> answer) {
    try {
      if (isClosed()) {
        throw closedException();
      }
      Child child = spawner.spawn(spec);
      synchronized (lock) {
        living.add(child);
      }
      answer.complete(child);
      reaper.watch(child.process(), exit -> ended(child, exit, onExit));
    } catch (Throwable t) {
      // whoever waits for the answer must get one, out of memory or not
      answer.completeExceptionally(t);
    }
  }

  private void ended(Child child, ChildExit exit, Consumer<ChildExit> onExit) {
    groups.leaderGone(child);
    child.releaseInput();
    pump.finish(
        child.outputs(),
        () -> {
          synchronized (lock) {
            living.remove(child);
            lock.notifyAll();
          }
          onExit.accept(exit);
        });
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  private static SpawnException closedException() {
    return new SpawnException(
        Stage.CLOSED, Sys.ESHUTDOWN, "", "The daemon is ending and starts nothing any more.");
  }

  /** Answers how many processes were started and have not been reported as ended. */
  public int living() {
    synchronized (lock) {
      return living.size();
    }
  }

  /** Answers the pid of the guard. */
  public int guardPid() {
    return guard.pid();
  }

  /**
   * Answers what runs tasks on the output thread, in their order; they should be short. After
   * {@link #close} nothing runs any more.
   */
  public Executor outputThread() {
    return pump::execute;
  }

  Guard guard() {
    return guard;
  }

  /**
   * Kills what is left, groups and everything that carries the marker, reports the ends, and ends
   * threads and guard. Waits for that, 30 seconds at most. Not to be called on a thread of this
   * package. Closing again does nothing.
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
    }
    spawnThread.shutdown();
    boolean spawnThreadEnded = awaitSpawnThread();
    List<Child> left;
    synchronized (lock) {
      left = new ArrayList<>(living);
    }
    left.forEach(child -> child.process().signalGroup(Signal.KILL));
    awaitExits();
    boolean nothingLeft = guard.closeAndAwait();
    groups.close();
    if (nothingLeft) {
      ledger.remove();
    } else {
      ledger.close();
    }
    reaper.close();
    left.forEach(Child::releaseInput);
    pump.close();
    if (spawnThreadEnded) {
      posixSpawn.close();
    }
  }

  private boolean awaitSpawnThread() {
    try {
      return spawnThread.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void awaitExits() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lock) {
      long rest = PATIENCE.toMillis();
      while (!living.isEmpty() && rest > 0) {
        try {
          lock.wait(rest);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        rest = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      }
    }
  }
}
