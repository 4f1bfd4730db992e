package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much clients bring together, where the daemon has 256 MiB for all arguments. */
class IntakeTest {
  private static final int RUNS = 1_000;
  private static final int CHUNKS = 5;
  private static final int CHUNK_BYTES = 100 << 10;

  private final FakeWorkers workers = new FakeWorkers();
  private final WorkerPool pool = workers.pool(FakeWorkers.options(1, 0));
  private final List<Client> clients = new ArrayList<>();

  private record Bytes(int sizeBytes) implements Payload {
    @Override
    public List<Handle> handles() {
      return List.of();
    }
  }

  /** Brings a chunk whenever it is asked for one. */
  private final class Client {
    private final Outcomes outcomes = new Outcomes();
    private final TaskRun run = pool.newRun(outcomes);
    private int brought;

    private void bring() {
      run.submit(new ChunkRequest(brought, FakeWorkers.FUNCTION, 1, new Bytes(CHUNK_BYTES)));
      brought++;
      if (brought < CHUNKS) {
        run.whenMoreFits(this::bring);
      } else {
        run.noMoreChunks();
      }
    }
  }

  private int brought() {
    return clients.stream().mapToInt(client -> client.brought).sum();
  }

  @Test
  void manyRunsAreHeldBackTogetherAndAllAreAnswered() {
    pool.open();
    for (int i = 0; i < RUNS; i++) {
      Client client = new Client();
      clients.add(client);
      client.bring();
    }
    long most = (128L << 20) + RUNS * CHUNK_BYTES;
    assertThat(workers.arguments.taken()).isLessThan(most).isGreaterThan(128L << 20);
    assertThat(clients).allMatch(client -> client.brought >= 1);
    assertThat(brought()).isLessThan(RUNS * CHUNKS / 2);

    FakeWorker worker = workers.ready(0);
    for (int answered = 0; answered < worker.assigned.size(); answered++) {
      worker.returns(worker.assigned.get(answered).number(), 0, 1);
      assertThat(workers.arguments.taken()).isLessThan(most);
    }
    assertThat(worker.assigned).hasSize(RUNS * CHUNKS);
    assertThat(clients).allMatch(client -> client.outcomes.told.size() == CHUNKS + 1);
    assertThat(workers.arguments.taken()).isZero();
  }

  private void submit(int bytes) {
    pool.newRun(new Outcomes())
        .submit(new ChunkRequest(0, FakeWorkers.FUNCTION, 1, new Bytes(bytes)));
  }

  @Test
  void chunkBeyondWhatTheDaemonHoldsIsRefused() {
    pool.open();
    for (int i = 0; i < 64; i++) {
      submit(4 << 20);
    }
    assertThat(workers.arguments.taken()).isEqualTo(256L << 20);
    assertThatThrownBy(() -> submit(1))
        .isInstanceOfSatisfying(
            Fault.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.TOO_MANY_WAITERS));
    pool.terminate();
    assertThat(workers.arguments.taken()).isZero();
  }
}
