package dev.forkyard.server.os;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Kills what a daemon left that was killed together with its guard: the groups of its ledger whose
 * leader is the process that was recorded, and everything that carries its marker. A pid that
 * somebody else has got is never signalled: the start time, or the marker, is looked at while a
 * pidfd holds the process.
 */
final class StartupSweep {
  private static final Logger LOG = System.getLogger(StartupSweep.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A process may be between fork and exec, and be seen in the second look only. */
  private static final int CALM_LOOKS = 2;

  private static final long SOON_MILLIS = 20;
  private static final long LATER_MILLIS = 200;

  private final LedgerEntries left;
  private final String markerEntry;
  private final Set<Integer> spared = ourselves();
  private final Set<Identity> killed = new HashSet<>();

  private record Identity(int pid, long startTicks) {}

  private StartupSweep(LedgerEntries left) {
    this.left = left;
    this.markerEntry = Spawner.MARKER_NAME + '=' + left.marker();
  }

  /**
   * Cleans up after the daemon that wrote this ledger, if it did not end in order. Blocks, about
   * ten seconds at most.
   */
  static void after(Path ledger) {
    try {
      Optional<LedgerEntries> left = LedgerEntries.read(ledger);
      if (left.isPresent()) {
        after(left.get());
      }
    } catch (IOException e) {
      LOG.log(
          Level.WARNING, "what the daemon before may have left is not known: " + e.getMessage());
    }
  }

  private static void after(LedgerEntries left) throws IOException {
    if (!left.bootId().equals(ProcFs.bootId())) {
      LOG.log(Level.INFO, "the machine was started again since the daemon before; it left nothing");
      return;
    }
    StartupSweep sweep = new StartupSweep(left);
    Set<Integer> rest = sweep.run();
    LOG.log(
        Level.INFO,
        "the daemon before did not end in order; killed of its processes: " + sweep.killed.size());
    if (!rest.isEmpty()) {
      LOG.log(Level.WARNING, "processes of the daemon before that do not die: " + rest);
    }
  }

  /** Answers the pids that are left. */
  private Set<Integer> run() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Set<Integer> seen = new TreeSet<>();
    for (int calm = 0; calm < CALM_LOOKS && System.nanoTime() - deadline < 0; ) {
      seen = look(true);
      calm = seen.isEmpty() ? calm + 1 : 0;
      if (calm < CALM_LOOKS && !pause(calm == 0 ? SOON_MILLIS : LATER_MILLIS)) {
        break;
      }
    }
    return seen.isEmpty() ? seen : look(false);
  }

  private static boolean pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Signals all that is there; answers their pids.
   *
   * @param patient lets a recorded leader live, stopped, until it is alone: as long as it is there,
   *     the number of its group is ours
   */
  private Set<Integer> look(boolean patient) {
    Map<Integer, ProcFs.Stat> all =
        ProcFs.all().stream().collect(Collectors.toMap(ProcFs.Stat::pid, Function.identity()));
    List<ProcFs.Stat> ours = new ArrayList<>();
    Set<Integer> crowded = new HashSet<>();
    for (ProcFs.Stat one : all.values()) {
      if (one.alive() && !spared.contains(one.pid()) && (inGroup(one, all) || carries(one.pid()))) {
        ours.add(one);
        if (one.pid() != one.group()) {
          crowded.add(one.group());
        }
      }
    }
    for (ProcFs.Stat one : ours) {
      boolean wait = patient && crowded.contains(one.pid()) && isRecorded(one);
      signal(one, wait ? Signal.STOP : Signal.KILL);
    }
    return ours.stream().map(ProcFs.Stat::pid).collect(Collectors.toCollection(TreeSet::new));
  }

  private boolean inGroup(ProcFs.Stat one, Map<Integer, ProcFs.Stat> all) {
    ProcFs.Stat leader = all.get(one.group());
    return leader != null && isRecorded(leader);
  }

  private boolean isRecorded(ProcFs.Stat leader) {
    Long start = left.groups().get(leader.pid());
    return start != null && start == leader.startTicks();
  }

  private boolean carries(int pid) {
    return ProcFs.carries(pid, markerEntry);
  }

  private void signal(ProcFs.Stat one, Signal signal) {
    int pidfd = Sys.pidfdOpen(one.pid());
    if (pidfd < 0) {
      return;
    }
    try {
      Optional<ProcFs.Stat> now = ProcFs.stat(one.pid());
      if (now.filter(same -> same.startTicks() == one.startTicks() && isOurs(same)).isPresent()) {
        if (Sys.pidfdSendSignal(pidfd, signal.number()) == 0) {
          killed.add(new Identity(one.pid(), one.startTicks()));
        }
      }
    } finally {
      Sys.close(pidfd);
    }
  }

  private boolean isOurs(ProcFs.Stat one) {
    return carries(one.pid()) || ProcFs.stat(one.group()).filter(this::isRecorded).isPresent();
  }

  /** This process and those that it descends from: they may carry the marker, and are in use. */
  private static Set<Integer> ourselves() {
    Set<Integer> line = new HashSet<>();
    for (int pid = ProcFs.self(); pid > 0 && line.add(pid); ) {
      pid = ProcFs.stat(pid).map(ProcFs.Stat::parent).orElse(0);
    }
    return line;
  }
}
