package dev.forkyard.examples.wordcount;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolResults;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.QueueSender;
import dev.forkyard.client.RemoteProcedure3;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.client.TaskFailedException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A job that counts the words of files: a pool of workers counts file by file, a queue takes their
 * results to a collector in a process of its own, a pipe brings its sums back.
 *
 * <p>A worker that dies costs nothing but time: its call is run again. Nor does the collector: the
 * next one goes on where it was.
 */
public final class WordCount implements AutoCloseable {
  /** Name of the pool. */
  public static final String POOL = "words";

  /** Name of the queue. */
  public static final String QUEUE = "results";

  private static final int RETRIES = 3;
  private static final int MOST_COLLECTORS = 4;
  private static final int MOST_FILES_A_CHUNK = 16;
  private static final int CHUNKS_A_WORKER = 12;
  private static final int QUEUE_CAPACITY = 1_000;

  private final Forkyard yard;
  private final List<TextFile> files;
  private final int workers;
  private final Steps steps;
  private final ProcessPool pool;
  private final RemoteQueue<FileWords> results;

  /**
   * Creates the pool and the queue.
   *
   * @param yard where
   * @param files what to count
   * @param workers how many workers
   * @param steps who is told how it goes on
   */
  public WordCount(Forkyard yard, List<TextFile> files, int workers, Steps steps) {
    this.yard = yard;
    this.files = List.copyOf(files);
    this.workers = workers;
    this.steps = steps;
    this.pool =
        yard.pools().create(PoolOptions.defaults().workers(workers).retryLost(RETRIES).id(POOL));
    this.results =
        yard.queues()
            .open(QUEUE, FileWords.class, QueueOptions.defaults().capacity(QUEUE_CAPACITY));
  }

  /** {@return the pool that counts} */
  public ProcessPool pool() {
    return pool;
  }

  /**
   * Counts; to be called once.
   *
   * @return the words of all files
   * @throws TaskFailedException if a file cannot be counted
   * @throws InterruptedException if interrupted; closing this and the connection ends the job
   */
  public Totals run() throws InterruptedException {
    return run(Collector::collect);
  }

  /** Counts with another first collector. */
  Totals run(RemoteProcedure3<RemoteQueue<FileWords>, PipeEnd<Sum>, Set<Integer>> firstCollector)
      throws InterruptedException {
    FutureTask<@Nullable Void> feeding = new FutureTask<>(this::feed, null);
    Thread feeder = new Thread(feeding, "word-count-feeder");
    feeder.setDaemon(true);
    feeder.start();
    Totals totals = new Totals();
    boolean complete = collect(firstCollector, totals);
    for (int i = 1; !complete && i < MOST_COLLECTORS; i++) {
      complete = collect(Collector::collect, totals);
    }
    if (!complete) {
      throw new IllegalStateException(MOST_COLLECTORS + " collectors died, one after the other");
    }
    try {
      feeding.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
    return totals;
  }

  /** Deletes the queue and ends the pool. */
  @Override
  public void close() {
    try {
      results.delete();
    } finally {
      pool.terminate();
    }
  }

  /** Passes the results of the workers on to the queue, and shuts it down at the end. */
  private void feed() {
    int share = files.size() / (workers * CHUNKS_A_WORKER);
    int chunk = Math.max(1, Math.min(MOST_FILES_A_CHUNK, share));
    int passedOn = 0;
    try (QueueSender<FileWords> queue = results.sender();
        PoolResults<FileWords> counted = pool.imap(Counter::count, files, chunk)) {
      for (FileWords result : counted) {
        queue.put(result);
        passedOn++;
        steps.resultPassedOn(passedOn, pool);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      results.shutdown();
    }
  }

  /** Runs a collector until it ends; answers false if it died. */
  @CanIgnoreReturnValue
  private boolean collect(
      RemoteProcedure3<RemoteQueue<FileWords>, PipeEnd<Sum>, Set<Integer>> function, Totals totals)
      throws InterruptedException {
    Pipe<Sum> sums = yard.pipes().create(Sum.class);
    var collector = yard.processes().start(function, results, sums.right(), totals.files());
    try {
      while (true) {
        totals.add(sums.left().receive());
        steps.sumReceived(totals, collector);
      }
    } catch (PipeEndedException e) {
      // every sum that a collector sent before its end is in the totals now
    } finally {
      sums.delete();
    }
    try {
      Object unused = collector.result();
      return true;
    } catch (TaskFailedException e) {
      if (e.kind() != TaskFailedException.Kind.WORKER_LOST) {
        throw e;
      }
      return false;
    }
  }
}
