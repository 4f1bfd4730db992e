package dev.forkyard.e2e;

import static dev.forkyard.server.testing.PoolClient.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolResults;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.PoolTasks;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskOutcome;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A client that sends more than daemon and client have memory for, to a pool of two, and does not
 * read the results: nothing piles up, and nothing is lost when it reads on.
 */
@Timeout(600)
class UnreadResultsTest {
  private static final int CHUNK = 100;
  private static final String KILOBYTE = "x".repeat(1000);

  /** The daemon asks a stream for no more at this number of chunks. */
  private static final int MOST_OPEN_CHUNKS = 256;

  /** Replaces the heap that daemons of tests have. */
  private static final String SMALL_HEAP =
      "for a; do shift; [ \"$a\" = -Xmx512m ] && a=-Xmx96m; set -- \"$@\" \"$a\"; done; exec \"$@\"";

  private static TestDaemon daemon;
  private static PoolClient pools;

  @BeforeAll
  static void start() throws IOException {
    Path directory = Files.createTempDirectory("fy-");
    List<String> options = TestDaemon.standardOptions(directory);
    List<String> small = List.of("sh", "-c", SMALL_HEAP, "sh");
    daemon = TestDaemon.start(directory, TestDaemon.launchBy(directory, small, options));
    pools = new PoolClient(daemon.channel());
    assertThat(daemon.process().info().commandLine().orElseThrow()).contains("-Xmx96m");
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  /** A client that sends whenever it may, and takes outcomes only when it is told to. */
  private static final class Client
      implements ClientResponseObserver<RunTasksRequest, RunTasksResponse> {
    private final int chunks;
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final AtomicLong answered = new AtomicLong();
    private @Nullable ClientCallStreamObserver<RunTasksRequest> call;
    private final AtomicInteger sent = new AtomicInteger();

    Client(Channel channel, int chunks) {
      this.chunks = chunks;
      PoolServiceGrpc.newStub(channel).runTasks(this);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<RunTasksRequest> itsCall) {
      call = itsCall;
      itsCall.disableAutoRequestWithInitial(0);
      itsCall.setOnReadyHandler(() -> send(itsCall));
    }

    private void send(ClientCallStreamObserver<RunTasksRequest> requests) {
      String[] calls = new String[CHUNK];
      Arrays.fill(calls, "[\"" + KILOBYTE + "\"]");
      while (sent.get() < chunks && requests.isReady()) {
        requests.onNext(
            RunTasksRequest.newBuilder()
                .setPoolId("unread")
                .addChunks(PoolClient.chunk(sent.get(), "echo", calls))
                .build());
        if (sent.incrementAndGet() == chunks) {
          requests.onCompleted();
        }
      }
    }

    void readOn() {
      Objects.requireNonNull(call).request(Integer.MAX_VALUE);
    }

    @Override
    public void onNext(RunTasksResponse response) {
      for (TaskOutcome outcome : response.getOutcomesList()) {
        answered.addAndGet(outcome.getResults().getCount());
      }
    }

    @Override
    public void onError(Throwable broken) {
      end.complete(broken.toString());
    }

    @Override
    public void onCompleted() {
      end.complete("complete");
    }
  }

  @Test
  void streamIsHeldBackAndGoesOnWhenItIsRead() throws Exception {
    streamIsHeldBack(100_000, 10_000, 10_000 + CHUNK);
  }

  @Test
  @Tag("stress")
  void streamOfAMillionCallsIsHeldBackAndGoesOnWhenItIsRead() throws Exception {
    int most = MOST_OPEN_CHUNKS * CHUNK;
    streamIsHeldBack(1_000_000, 0, most);
  }

  private static void streamIsHeldBack(int total, int maxQueued, int mostQueued) throws Exception {
    pools.create(pool("unread", 2).setMaxQueuedCalls(maxQueued));
    Client client = new Client(daemon.channel(), total / CHUNK);
    // the workers have done what they had, and are given no more
    await().atMost(TestDaemon.PATIENCE).until(() -> isHeldBack(mostQueued - CHUNK));
    PoolInfo heldBack = pools.get("unread");
    assertThat(heldBack.getCallsQueued()).isLessThanOrEqualTo(mostQueued);
    long taken = heldBack.getCallsQueued() + heldBack.getCallsDone();
    assertThat(client.answered).hasValue(0);
    assertThat(client.sent.get() * (long) CHUNK)
        .as("sent, of which the daemon has taken %s", taken)
        .isBetween(taken, total / 2L);
    client.readOn();
    assertThat(client.end.get(300, TimeUnit.SECONDS)).isEqualTo("complete");
    assertThat(client.answered).hasValue(total);
    PoolInfo after = pools.get("unread");
    assertThat(after.getCallsDone()).isEqualTo(total);
    assertThat(after.getCallsQueued()).isZero();
    pools.terminate("unread");
    pools.delete("unread");
  }

  private static boolean isHeldBack(int queued) {
    PoolInfo now = pools.get("unread");
    return now.getCallsDone() > 0 && now.getCallsAssigned() == 0 && now.getCallsQueued() >= queued;
  }

  /** Inputs that say how many of them were taken. */
  private static final class Inputs implements Iterable<String> {
    private final int total;
    private int taken;

    Inputs(int total) {
      this.total = total;
    }

    @Override
    public Iterator<String> iterator() {
      return IntStream.range(0, total)
          .mapToObj(
              index -> {
                taken++;
                return index + KILOBYTE;
              })
          .iterator();
    }
  }

  @Test
  void lazyMapTakesFewInputsAheadAndGoesOnWhenItIsRead() {
    lazyMapIsHeldBack(30_000);
  }

  @Test
  @Tag("stress")
  void lazyMapOfAMillionInputsTakesFewAheadAndGoesOnWhenItIsRead() {
    lazyMapIsHeldBack(1_000_000);
  }

  private static void lazyMapIsHeldBack(int total) {
    Inputs inputs = new Inputs(total);
    try (Forkyard yard = Forkyard.connect("unix:" + daemon.socket());
        ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
        PoolResults<String> results = pool.imap(PoolTasks::echo, inputs, CHUNK)) {
      assertThat(results.next()).startsWith("0x");
      int mostAhead = (4 * 2 + 2) * CHUNK; // four chunks for each worker, and those that were done
      int taken = inputs.taken;
      assertThat(taken).isLessThanOrEqualTo(mostAhead);
      await().atMost(TestDaemon.PATIENCE).until(() -> pool.stats().done() == taken);
      assertThat(inputs.taken).as("nobody reads, nothing is taken").isEqualTo(taken);
      for (int i = 1; i < total; i++) {
        if (!results.next().startsWith(i + "x") || inputs.taken - i > mostAhead) {
          throw new AssertionError("at " + i + ", with " + inputs.taken + " inputs taken");
        }
      }
      assertThat(results.hasNext()).isFalse();
    }
  }
}
