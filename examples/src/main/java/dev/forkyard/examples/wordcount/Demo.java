package dev.forkyard.examples.wordcount;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolProgressBar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The demo as a command: {@code demo [DIR] [--keep]}. */
public final class Demo {
  /** With more, a small folder would be counted before a worker can be killed. */
  private static final int WORKERS =
      Math.min(4, Math.max(2, Runtime.getRuntime().availableProcessors()));

  private static final int TOP_WORDS = 10;
  private static final int BAR = 30;
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private final Screen screen;
  private final boolean keep;

  private Demo(Screen screen, boolean keep) {
    this.screen = screen;
    this.keep = keep;
  }

  /**
   * Runs the demo; exits with 0 if its totals are right, 1 if not, 2 if it was called wrongly.
   *
   * @param arguments the folder, the JDK's own texts if there is none; {@code --keep}
   */
  public static void main(String[] arguments) throws Exception {
    List<String> folders = new ArrayList<>(List.of(arguments));
    boolean keep = folders.remove("--keep");
    if (folders.size() > 1 || folders.stream().anyMatch(folder -> folder.startsWith("-"))) {
      System.err.println("forkyard: usage: forkyard demo [DIR] [--keep]");
      System.exit(MISUSED);
    }
    Path folder =
        folders.isEmpty()
            ? Path.of(System.getProperty("java.home"), "legal")
            : Path.of(folders.get(0));
    List<TextFile> files = textFiles(folder);
    Screen screen = new Screen(System.out, Boolean.getBoolean("forkyard.terminal"));
    try {
      System.exit(new Demo(screen, keep).run(folder, files) ? 0 : FAILED);
    } catch (RuntimeException | IOException e) {
      screen.endProgress();
      System.err.println("forkyard: the demo failed: " + reason(e));
      System.exit(FAILED);
    }
  }

  private static String reason(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }

  private static List<TextFile> textFiles(Path folder) {
    String problem = "there is no text file in " + folder;
    try {
      if (Files.isDirectory(folder)) {
        List<TextFile> files = TextFiles.in(folder);
        if (!files.isEmpty()) {
          return files;
        }
      } else {
        problem = folder + " is not a folder";
      }
    } catch (IOException e) {
      problem = folder + " cannot be read: " + e.getMessage();
    }
    System.err.println("forkyard: " + problem + "; name a folder: forkyard demo DIR");
    System.exit(MISUSED);
    return List.of();
  }

  private boolean run(Path folder, List<TextFile> files) throws IOException, InterruptedException {
    long bytes = files.stream().mapToLong(TextFile::bytes).sum();
    screen.line("Counting the words of " + files.size() + " text files in " + folder.toRealPath());
    screen.line(
        String.format(
            Locale.ROOT, "(%,d KiB) with %d worker processes.", (bytes + 1023) >> 10, WORKERS));
    screen.line("");
    try (Forkyard yard = Forkyard.startLocal()) {
      Narrator narrator = new Narrator(yard, screen, files.size());
      try (WordCount job = new WordCount(yard, files, WORKERS, narrator)) {
        tellWhereToLook(yard);
        Totals totals = run(job, files.size());
        narrator.tellOfTheKilled(job.pool());
        boolean right = tell(totals, Counter.countHere(files));
        if (keep) {
          waitForEnter(yard);
        }
        return right;
      }
    }
  }

  private Totals run(WordCount job, int files) throws InterruptedException {
    PoolProgressBar bar = job.pool().progressBar("  counting", files, screen::progress);
    try {
      return job.run();
    } finally {
      bar.close();
      screen.endProgress();
    }
  }

  private void tellWhereToLook(Forkyard yard) {
    String socket = yard.address().substring("unix:".length());
    screen.line(
        "A private daemon (pid "
            + yard.systemInfo().pid()
            + ") owns workers, queue, collector and pipe. To look at it");
    screen.line(
        "from another terminal while it runs" + (keep ? ":" : ", or after it with --keep:"));
    screen.line("");
    screen.line("  grpcurl -plaintext -unix -d '{\"pool_id\":\"" + WordCount.POOL + "\"}' \\");
    screen.line("    " + socket + " forkyard.v1.PoolService/GetPool");
    screen.line("  grpcurl -plaintext -unix " + socket + " \\");
    screen.line("    forkyard.v1.ProcessService/ListProcesses");
    screen.line(
        "  buf curl --protocol grpc --http2-prior-knowledge --unix-socket " + socket + " \\");
    screen.line(
        "    -d '{\"queue_id\":\""
            + WordCount.QUEUE
            + "\"}' http://localhost/forkyard.v1.QueueService/GetQueue");
    screen.line("");
  }

  private boolean tell(Totals totals, Totals plain) {
    screen.line("");
    List<Map.Entry<String, Long>> top = totals.top(TOP_WORDS);
    for (Map.Entry<String, Long> word : top) {
      int bar = (int) Math.max(1, BAR * word.getValue() / top.get(0).getValue());
      screen.line(
          String.format(
              Locale.ROOT, "  %-14s %,9d  %s", word.getKey(), word.getValue(), "#".repeat(bar)));
    }
    screen.line("");
    screen.line(
        String.format(
            Locale.ROOT,
            "%,d files, %,d words, %,d of them different.",
            totals.fileCount(),
            totals.words(),
            totals.counts().size()));
    boolean right = totals.sameAs(plain);
    screen.line(
        right
            ? "Nothing was lost: a plain count in one thread gives the same."
            : String.format(
                Locale.ROOT,
                "WRONG: a plain count in one thread gives %,d files and %,d words.",
                plain.fileCount(),
                plain.words()));
    return right;
  }

  private void waitForEnter(Forkyard yard) throws IOException, InterruptedException {
    screen.line("");
    screen.line("The daemon stays up at " + yard.address());
    screen.line("with the pool and the queue. Press Enter or Ctrl-C to end it; nothing is left.");
    int next = System.in.read();
    if (next < 0 && !Boolean.getBoolean("forkyard.terminal.input")) {
      Thread.currentThread().join(); // nobody can press Enter: until this process is killed
    }
  }
}
