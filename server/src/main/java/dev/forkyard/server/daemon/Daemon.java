package dev.forkyard.server.daemon;

import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.TimerThread;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Children;
import dev.forkyard.server.os.OutputFolder;
import dev.forkyard.server.os.Platform;
import dev.forkyard.server.os.ProcFs;
import dev.forkyard.server.os.SpawnException;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.pool.SubmittedTasks;
import dev.forkyard.server.pool.TaskRetention;
import dev.forkyard.server.pool.WorkerMemory;
import dev.forkyard.server.process.BackgroundChildren;
import dev.forkyard.server.process.OutputStore;
import dev.forkyard.server.process.ProcessIo;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.rpc.Listeners;
import dev.forkyard.server.rpc.RpcCodecs;
import dev.forkyard.server.rpc.RpcServer;
import dev.forkyard.server.rpc.Yard;
import dev.forkyard.server.rpc.YardLimits;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.worker.FunctionProcesses;
import dev.forkyard.server.worker.UnaryWorker;
import dev.forkyard.server.worker.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A running daemon: owns everything that it started, and ends it in reverse order. */
final class Daemon {
  private static final Logger log = Logger.getLogger(Daemon.class.getName());
  private static final int FILE_THREADS = 4;
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);

  private final Locations locations;
  private final InstanceLock lock;
  private final Children children;
  private final TimerThread timer;
  private final ExecutorService files;
  private final Yard yard;
  private final RpcServer server;

  private Daemon(
      Locations locations,
      InstanceLock lock,
      Children children,
      TimerThread timer,
      ExecutorService files,
      Yard yard,
      RpcServer server) {
    this.locations = locations;
    this.lock = lock;
    this.children = children;
    this.timer = timer;
    this.files = files;
    this.yard = yard;
    this.server = server;
  }

  /**
   * Starts everything.
   *
   * @throws StartFailure with a sentence that says what to do
   */
  static Daemon start(
      Locations locations, Listeners.@Nullable Tcp tcp, OutputLimits output, int spares)
      throws StartFailure, IOException {
    Optional<String> unfit = Platform.check();
    if (unfit.isPresent()) {
      throw new StartFailure(unfit.get());
    }
    PrivateFolders.ensure(locations.stateDirectory(), "--state-dir");
    PrivateFolders.ensure(locations.socketDirectory(), "--socket");
    InstanceLock lock = InstanceLock.take(locations);
    InstanceLock.clearSocket(locations.socket());
    InstanceLock.clearSocket(locations.workerSocket());
    PrivateFolders.ensure(locations.outputDirectory(), "--state-dir");
    PrivateFolders.ensure(locations.workerDirectory(), "--state-dir");
    PrivateFolders.ensure(locations.archiveDirectory(), "--state-dir");
    PrivateFolders.ensure(locations.trainingDirectory(), "--state-dir");
    PrivateFolders.empty(locations.outputDirectory());
    PrivateFolders.empty(locations.workerDirectory());
    PrivateFolders.empty(locations.trainingDirectory());
    return serve(locations, lock, tcp, output, spares);
  }

  private static Daemon serve(
      Locations locations,
      InstanceLock lock,
      Listeners.@Nullable Tcp tcp,
      OutputLimits output,
      int spares)
      throws StartFailure {
    String instance = Ids.secret();
    Children children;
    try {
      children = Children.start(instance, locations.ledgerFile());
    } catch (SpawnException refused) {
      throw new StartFailure(String.valueOf(refused.getMessage()));
    }
    Platform.umask(077);
    TimerThread timer = new TimerThread();
    ExecutorService files = Executors.newFixedThreadPool(FILE_THREADS, Daemon::fileThread);
    OutputFolder folder =
        new OutputFolder(locations.outputDirectory(), output.total(), children.outputThread());
    OutputStore outputs = new OutputStore(folder, output.process(), files);
    Yard yard = yard(locations, instance, children, outputs, timer, files, spares);
    Listeners listeners =
        new Listeners(locations.socket(), locations.workerSocket(), Platform.effectiveUid(), tcp);
    try {
      RpcServer server = RpcServer.start(yard, listeners);
      return new Daemon(locations, lock, children, timer, files, yard, server);
    } catch (IOException notBound) {
      children.close();
      throw notListening(listeners, notBound);
    }
  }

  private static StartFailure notListening(Listeners listeners, IOException why) {
    Throwable cause = why.getCause() == null ? why : why.getCause();
    return new StartFailure(
        "it cannot listen at "
            + listeners.socket()
            + (listeners.tcp() == null ? "" : " and " + listeners.tcp().address())
            + " ("
            + cause.getMessage()
            + "); choose another address with --socket or --listen");
  }

  private static Thread fileThread(Runnable work) {
    Thread thread = new Thread(work, "forkyard-files");
    thread.setDaemon(true);
    return thread;
  }

  private static Yard yard(
      Locations locations,
      String instance,
      Children children,
      OutputStore outputs,
      TimerThread timer,
      ExecutorService files,
      int spares) {
    YardLimits limits = YardLimits.DEFAULT;
    Clock clock = Clock.systemUTC();
    WaiterLimit waiters = new WaiterLimit(limits.waitingCalls());
    Sessions sessions = new Sessions(limits.sessions() + limits.processes());
    Handles handles = new Handles();
    QueueManager queues = new QueueManager(limits.queues(), handles, clock, timer, waiters);
    PipeManager pipes = new PipeManager(limits.pipes(), handles, timer, waiters);
    ProcessManager processes =
        new ProcessManager(
            children::spawn,
            sessions,
            outputs,
            locations.address(),
            limits.processes(),
            clock,
            timer,
            waiters);
    Workers workers =
        new Workers(
            processes,
            locations.workerDirectory(),
            locations.workerSocket().toString(),
            RpcCodecs::jsonPayload,
            files,
            new UnaryWorker.Polling(RpcCodecs.SPLITTING, timer, waiters),
            new Workers.Ahead(
                new BackgroundChildren(children::spawn, outputs, locations.address()),
                locations.archiveDirectory(),
                spares,
                clock,
                timer));
    TaskRetention tasks = new TaskRetention(TaskRetention.Limits.DEFAULT, clock, timer);
    SubmittedTasks.Context submitting =
        new SubmittedTasks.Context(tasks, RpcCodecs.WRAPPING, timer, waiters);
    return new Yard(
        new Yard.About(Version.current(), instance, clock.instant()),
        limits,
        waiters,
        timer,
        sessions,
        processes,
        new ProcessIo(processes, files, waiters),
        workers,
        new FunctionProcesses(workers, handles, RpcCodecs.WRAPPING),
        new PoolManager(
            limits.pools(),
            workers,
            processes,
            handles,
            timer,
            waiters,
            new WorkerMemory(files, ProcFs::residentBytes),
            submitting),
        queues,
        pipes);
  }

  /** Everywhere clients can connect, the Unix socket first. */
  List<String> addresses() {
    return server.addresses();
  }

  /**
   * Ends everything: no new calls, children stopped, waiting calls answered, files removed. Blocks
   * until it is done.
   */
  void stop() {
    server.drain();
    yard.workers().close();
    yard.pools().terminateAll();
    try {
      yard.processes().stopAll(STOP_GRACE).get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | TimeoutException | ExecutionException late) {
      log.log(Level.WARNING, "not every process could be stopped: " + late);
    }
    server.close();
    yard.sessions().endAll();
    children.close();
    timer.close();
    finishFiles();
    removeFiles();
  }

  /** Lets nobody write a file after all were removed. */
  private void finishFiles() {
    files.shutdown();
    try {
      if (!files.awaitTermination(STOP_GRACE.toSeconds(), TimeUnit.SECONDS)) {
        log.warning("the disk is slow; some files may be left");
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeFiles() {
    try {
      Files.deleteIfExists(locations.socket());
      Files.deleteIfExists(locations.workerSocket());
      PrivateFolders.empty(locations.outputDirectory());
      PrivateFolders.empty(locations.workerDirectory());
      PrivateFolders.empty(locations.trainingDirectory());
      lock.close();
    } catch (IOException | UncheckedIOException left) {
      log.log(Level.WARNING, "some files could not be removed: " + left);
    }
  }
}
