package dev.forkyard.server.os;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs of output without children: the test is the output thread. */
class OutputLogTest {
  private static final long LEAST = OutputFolder.LEAST_LIMIT;

  private final Path directory;
  private final FaultyDisk disk = new FaultyDisk();

  OutputLogTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private OutputFolder folder(long limit) {
    return new OutputFolder(directory, limit, Runnable::run, disk);
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long filesOnDisk() {
    return files().stream().mapToLong(file -> (file.toFile().length() + 4095) / 4096 * 4096).sum();
  }

  private static void append(OutputLog log, String text) {
    OutputModel.append(log, log.run(), text.getBytes(US_ASCII), false);
  }

  private static void appendLate(OutputLog log, String text) {
    OutputModel.append(log, log.run(), text.getBytes(US_ASCII), true);
  }

  private static String read(OutputLog log, long cursor) throws IOException {
    return new String(log.read(cursor, 1 << 20).bytes(), US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatIsReadIsWhatWasWrittenAndTheLimitsAreHard(long seed) throws IOException {
    disk.afterWrite(() -> assertThat(filesOnDisk()).isLessThanOrEqualTo(3 * LEAST));
    randomLife(new Random(seed), 1 << 20, call -> 0);
  }

  @Test
  void aFailureOfAnyCallLosesCountedBytesOnly() throws IOException {
    for (int n = 1; n <= 60; n++) {
      int failing = n;
      randomLife(new Random(n), 60_000, call -> call == failing ? Sys.ENOSPC : 0);
    }
  }

  @Test
  void callsThatFailAgainAndAgainLoseCountedBytesOnly() throws IOException {
    for (int n = 2; n <= 20; n++) {
      int every = n;
      randomLife(new Random(n), 100_000, call -> call % every < 2 ? Sys.EMFILE : 0);
    }
  }

  /**
   * Two processes write, exit, leave others behind and run again, in a folder for less than both.
   */
  private void randomLife(Random random, long bytes, LongUnaryOperator fault) throws IOException {
    disk.failWith(fault);
    OutputFolder folder = folder(3 * LEAST);
    List<ProcessOutput> outputs =
        List.of(folder.newOutput("a", 2 * LEAST), folder.newOutput("b", 2 * LEAST));
    List<OutputModel> models = new ArrayList<>();
    for (ProcessOutput output : outputs) {
      models.add(new OutputModel(output.stdout(), random));
      models.add(new OutputModel(output.stderr(), random));
    }
    while (models.stream().mapToLong(OutputModel::end).sum() < bytes) {
      step(random, outputs, models);
      assertThat(filesOnDisk()).isEqualTo(folder.diskBytes()).isLessThanOrEqualTo(3 * LEAST);
      for (ProcessOutput output : outputs) {
        assertThat(output.diskBytes()).isLessThanOrEqualTo(2 * LEAST);
      }
    }
    for (OutputModel model : models) {
      model.check();
      model.exit();
    }
    assertThat(disk.openDescriptors()).isZero();
    outputs.forEach(ProcessOutput::delete);
    assertThat(files()).isEmpty();
    assertThat(folder.diskBytes()).isZero();
  }

  private static void step(Random random, List<ProcessOutput> outputs, List<OutputModel> models)
      throws IOException {
    int which = random.nextInt(models.size());
    OutputModel model = models.get(which);
    switch (random.nextInt(12)) {
      case 0 -> model.exit();
      case 1 -> model.check();
      case 2 -> {
        outputs.get(which / 2).nextRun().join();
        models.get(which / 2 * 2).nextRun();
        models.get(which / 2 * 2 + 1).nextRun();
      }
      default -> model.append(1 + random.nextInt(random.nextBoolean() ? 100 : 20_000));
    }
  }

  @Test
  void atLeastFifteenSixteenthsOfTheLimitAreKept() {
    for (long limit : new long[] {LEAST, 1 << 20, 5_000_000}) {
      ProcessOutput output = folder(1L << 30).newOutput("p" + limit, limit);
      String line = "x".repeat(999) + "\n";
      while (output.stdout().end() < 2 * limit) {
        append(output.stdout(), line);
      }
      long kept = output.stdout().end() - output.stdout().extent().start();
      assertThat(kept).isBetween(limit * 15 / 16 - 4096, limit);
      output.delete();
    }
  }

  @Test
  void aNoisyStreamDoesNotPushOutAQuietOne() throws IOException {
    ProcessOutput output = folder(LEAST).newOutput("p", LEAST);
    append(output.stderr(), "the reason");
    for (int i = 0; i < 100; i++) {
      append(output.stdout(), "x".repeat(5000));
    }
    assertThat(read(output.stderr(), 0)).isEqualTo("the reason");
    assertThat(output.stdout().extent().droppedBytes()).isPositive();
  }

  @Test
  void theProcessWithTheMostOnDiskMakesRoomForOthers() throws IOException {
    OutputFolder folder = folder(2 * LEAST);
    ProcessOutput large = folder.newOutput("large", 2 * LEAST);
    ProcessOutput small = folder.newOutput("small", 2 * LEAST);
    append(small.stdout(), "small");
    for (int i = 0; i < 100; i++) {
      append(large.stdout(), "x".repeat(5000));
    }
    for (int i = 0; i < 10; i++) {
      append(small.stdout(), "y".repeat(1000));
    }
    assertThat(small.stdout().extent().droppedBytes()).isZero();
    assertThat(large.stdout().extent().droppedBytes()).isPositive();
    assertThat(folder.diskBytes()).isLessThanOrEqualTo(2 * LEAST);
  }

  @Test
  void aReaderWhosePlaceIsGoneIsToldHowMuch() throws IOException {
    OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
    for (int i = 0; i < 20_000; i++) {
      append(log, "%09d\n".formatted(i));
    }
    OutputSlice slice = log.read(5, 100);
    assertThat(slice.start()).isEqualTo(log.extent().start()).isEqualTo(5 + slice.dropped());
    assertThat(slice.next()).isEqualTo(slice.start() + 100);
    long line = slice.start() / 10 + 1;
    assertThat(read(log, line * 10)).startsWith("%09d\n".formatted(line));
  }

  @Test
  void lateBytesAreApartFromThoseOfTheProcess() throws IOException {
    ProcessOutput output = folder(LEAST).newOutput("p", LEAST);
    OutputLog log = output.stdout();
    append(log, "early");
    log.runEnded(1);
    appendLate(log, "late");
    OutputSlice early = log.read(0, 100);
    assertThat(early.bytes()).isEqualTo("early".getBytes(US_ASCII));
    assertThat(early.late()).isFalse();
    assertThat(early.closed()).isTrue();
    OutputSlice late = log.read(early.next(), 100);
    assertThat(late.bytes()).isEqualTo("late".getBytes(US_ASCII));
    assertThat(late.late()).isTrue();
    assertThat(log.exitBorder()).isEqualTo(5);
    assertThat(log.extent().lateBytes()).isEqualTo(4);
  }

  @Test
  void whatTheRunBeforeLeftBehindWritesIsThrownAway() throws IOException {
    ProcessOutput output = folder(LEAST).newOutput("p", LEAST);
    OutputLog log = output.stdout();
    append(log, "one ");
    log.runEnded(1);
    output.nextRun().join();
    OutputModel.append(log, 1, "left behind".getBytes(US_ASCII), true);
    append(log, "two");
    assertThat(read(log, 4)).isEqualTo("two");
    assertThat(log.extent().runStart()).isEqualTo(4);
    assertThat(log.end()).isEqualTo(7);
    log.runEnded(1);
    assertThat(log.exitBorder()).as("of the run before").isEqualTo(4);
  }

  @Test
  void aProcessThatIsDeletedKeepsNothingAndCannotBeWrittenTo() throws IOException {
    OutputFolder folder = folder(LEAST);
    ProcessOutput output = folder.newOutput("p", LEAST);
    append(output.stdout(), "out");
    append(output.stderr(), "err");
    output.delete();
    append(output.stdout(), "more");
    assertThat(files()).isEmpty();
    assertThat(folder.diskBytes()).isZero();
    assertThat(disk.openDescriptors()).isZero();
    assertThat(output.stdout().read(0, 10).dropped()).isEqualTo(3);
  }

  @Test
  void onlyTheNewestSegmentHoldsADescriptorAndNoneDoesAfterTheExit() {
    OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
    for (int i = 0; i < 20; i++) {
      append(log, "x".repeat(3000));
    }
    assertThat(disk.openDescriptors()).isEqualTo(1);
    log.runEnded(1);
    assertThat(disk.openDescriptors()).isZero();
  }

  @Test
  void manyShortRunsShareTheirFiles() throws IOException {
    ProcessOutput output = folder(LEAST).newOutput("p", LEAST);
    for (int run = 1; run <= 100; run++) {
      append(output.stdout(), "run\n");
      output.stdout().runEnded(run);
      output.nextRun().join();
    }
    assertThat(files()).hasSize(1);
    assertThat(read(output.stdout(), 396)).isEqualTo("run\n");
  }

  @Test
  void aFullDiskIsToldOnceMakesNoFilesAndIsForgottenWhenThereIsRoom() throws IOException {
    List<String> said = new ArrayList<>();
    Handler handler = recordTo(said);
    Logger logger = Logger.getLogger(OutputFolder.class.getName());
    logger.addHandler(handler);
    try {
      OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
      append(log, "before ");
      disk.failWith(call -> Sys.ENOSPC);
      int creations = disk.creations();
      for (int i = 0; i < 1000; i++) {
        append(log, "x");
      }
      assertThat(said).hasSize(1).first().asString().contains("is lost: No space left on device");
      assertThat(files()).hasSize(1);
      disk.failWith(call -> 0);
      append(log, "after");
      append(log, "wards");
      assertThat(said).hasSize(2).last().asString().contains("again; 1000 bytes were lost");
      assertThat(disk.creations() - creations).isLessThanOrEqualTo(1001);
      assertThat(log.extent().droppedBytes()).isEqualTo(1000);
      assertThat(read(log, 0)).isEqualTo("before ");
      OutputSlice after = log.read(7, 100);
      assertThat(after.dropped()).isEqualTo(1000);
      assertThat(after.bytes()).isEqualTo("afterwards".getBytes(US_ASCII));
    } finally {
      logger.removeHandler(handler);
    }
  }

  private static Handler recordTo(List<String> said) {
    SimpleFormatter formatter = new SimpleFormatter();
    return new Handler() {
      @Override
      public void publish(LogRecord event) {
        said.add(formatter.formatMessage(event));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  void aFileThatCannotBeFilledIsMadeOnce() throws IOException {
    OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
    disk.failWith(call -> call > 1 ? Sys.ENOSPC : 0);
    for (int i = 0; i < 100; i++) {
      append(log, "x");
    }
    assertThat(disk.creations()).isEqualTo(1);
    log.runEnded(1);
    assertThat(files()).isEmpty();
    assertThat(disk.openDescriptors()).isZero();
  }

  @Test
  void listenersAreToldOfGrowthUntilTheyAreClosed() {
    OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
    List<Long> seen = new ArrayList<>();
    OutputLog.Subscription subscription = log.onGrowth(() -> seen.add(log.end()));
    append(log, "12");
    disk.failWith(call -> Sys.ENOSPC);
    append(log, "345");
    assertThat(seen).containsExactly(2L, 5L);
    subscription.close();
    subscription.close();
    append(log, "6");
    assertThat(seen).hasSize(2);
  }

  @Test
  void aFileThatVanishedIsAnErrorOfTheDiskAndNoHang() throws IOException {
    OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
    append(log, "text");
    Files.delete(files().get(0));
    assertThatThrownBy(() -> log.read(0, 10)).isInstanceOf(IOException.class);
  }

  @Test
  void outputIsNeverReadThroughALink() throws IOException {
    OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
    append(log, "text");
    Path file = files().get(0);
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    Files.delete(file);
    Files.createSymbolicLink(file, secret);
    assertThatThrownBy(() -> log.read(0, 4)).isInstanceOf(IOException.class);
  }

  @Test
  void readersNeverSeeAWrongByteWhileTheirPlaceIsDeleted() {
    OutputLog log = folder(LEAST).newOutput("p", LEAST).stdout();
    List<CompletableFuture<Long>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Random random = new Random(i);
      readers.add(CompletableFuture.supplyAsync(() -> readUntil(log, 20_000_000, random)));
    }
    byte[] bytes = new byte[10_007];
    while (log.end() < 20_000_000) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = byteAt(log.end() + i);
      }
      OutputModel.append(log, 1, bytes, false);
    }
    for (CompletableFuture<Long> reader : readers) {
      assertThat(reader.orTimeout(Yard.PATIENCE_SECONDS, TimeUnit.SECONDS).join()).isPositive();
    }
  }

  private static byte byteAt(long position) {
    return (byte) ((position * 0x9E3779B97F4A7C15L) >>> 32);
  }

  private static long readUntil(OutputLog log, long end, Random random) {
    long read = 0;
    try {
      while (log.end() < end || read == 0) {
        long from = Math.max(0, log.extent().start() - random.nextInt(5000));
        OutputSlice slice = log.read(from, 1 + random.nextInt(50_000));
        for (int i = 0; i < slice.bytes().length; i++) {
          assertThat(slice.bytes()[i]).isEqualTo(byteAt(slice.start() + i));
        }
        read += slice.bytes().length;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return read;
  }
}
