package dev.forkyard.server.daemon;

import dev.forkyard.server.worker.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The daemon as a command. */
@Command(
    name = "forkyard daemon",
    description =
        "Owns processes, pools, queues and pipes, and serves them over gRPC until it is told to stop.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    sortOptions = false,
    footer = {
      "",
      "It prints a line for each address at which it is ready, the Unix socket first:",
      "",
      "  forkyard: ready at unix:/run/user/1000/forkyard/forkyard.sock",
      "  forkyard: ready at tls://build.example.com:7000",
      "",
      "All of them serve when the first is printed. It runs in the foreground, logs",
      "to standard error, and ends in order on SIGTERM or SIGINT: children are",
      "stopped, waiting calls are answered, the socket is removed."
    })
final class DaemonCommand implements Callable<Integer> {
  private static final Logger log = Logger.getLogger(DaemonCommand.class.getName());
  static final int CANNOT_START = 2;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description =
          "Unix socket to listen on. Default: $XDG_RUNTIME_DIR/forkyard/forkyard.sock, or /tmp/forkyard-UID/forkyard.sock.")
  private @Nullable Path socket;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description =
          "Directory for output of processes and other files. Default: $XDG_STATE_HOME/forkyard, or ~/.local/state/forkyard.")
  private @Nullable Path stateDirectory;

  @Mixin private final ListenOptions listen = new ListenOptions();

  @Option(
      names = "--output-limit",
      paramLabel = "SIZE",
      defaultValue = "64M",
      converter = ByteSize.class,
      description =
          "Most output on disk of a process that asks for no other limit; the oldest goes first. Such as 500K, 64M or 2G, at least 64K. Default: ${DEFAULT-VALUE}.")
  private long outputLimit;

  @Option(
      names = "--output-limit-total",
      paramLabel = "SIZE",
      defaultValue = "4G",
      converter = ByteSize.class,
      description =
          "Most output on disk of all processes; the oldest of the process with the most goes first. Default: ${DEFAULT-VALUE}.")
  private long outputLimitTotal;

  @Option(
      names = "--spares",
      paramLabel = "N",
      description =
          "Most Java workers that wait for function processes, 0 to 8; they are started when functions are started again and again. Default: 8, but fewer than two for each processor.")
  private int spares = Workers.Ahead.usualSpares();

  @Option(
      names = "--until-stdin-closes",
      description = "End when standard input closes, and so with whoever holds its other side.")
  private boolean untilStdinCloses;

  @Option(
      names = "--remove-state-at-end",
      description =
          "Remove the state directory and the directory of the socket at the end, with all that"
              + " is in them.")
  private boolean removeStateAtEnd;

  @Override
  public Integer call() throws IOException {
    Logs.install();
    Locations locations;
    Daemon daemon;
    try {
      locations = Locations.of(socket, stateDirectory, System.getenv());
      OutputLimits output = new OutputLimits(outputLimit, outputLimitTotal);
      daemon = Daemon.start(locations, listen.tcp(), output, checkedSpares());
    } catch (StartFailure failure) {
      System.err.println("forkyard: " + failure.getMessage());
      return CANNOT_START;
    }
    CountDownLatch end = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> endInOrder(daemon, locations), "forkyard-end"));
    if (untilStdinCloses) {
      endWith(System.in, end);
    }
    daemon.addresses().forEach(address -> System.out.println("forkyard: ready at " + address));
    log.info(
        "serving at "
            + String.join(" and ", daemon.addresses())
            + ", state in "
            + locations.stateDirectory());
    awaitEnd(end);
    return 0;
  }

  private int checkedSpares() throws StartFailure {
    if (spares < 0 || spares > Workers.Ahead.MOST_SPARES) {
      throw new StartFailure("--spares must be 0 to " + Workers.Ahead.MOST_SPARES);
    }
    return spares;
  }

  private void endInOrder(Daemon daemon, Locations locations) {
    log.info("stopping");
    daemon.stop();
    if (removeStateAtEnd) {
      PrivateFolders.delete(locations.stateDirectory());
      PrivateFolders.delete(locations.socketDirectory());
    }
    log.info("stopped");
    // a virtual machine that a signal ends would report failure
    Runtime.getRuntime().halt(0);
  }

  private static void awaitEnd(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private static void endWith(InputStream lifeline, CountDownLatch end) {
    Thread watcher =
        new Thread(
            () -> {
              try {
                lifeline.transferTo(OutputStream.nullOutputStream());
              } catch (IOException closed) {
                log.fine("standard input failed: " + closed);
              }
              end.countDown();
            },
            "forkyard-lifeline");
    watcher.setDaemon(true);
    watcher.start();
  }
}
