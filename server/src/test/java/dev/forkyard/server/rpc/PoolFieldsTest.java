package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.PoolClient.chunk;
import static dev.forkyard.server.testing.PoolClient.pool;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.ListPoolsRequest;
import dev.forkyard.v1.PoolInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pool tells of itself, and what its workers get of their specification. */
class PoolFieldsTest {
  private static TestDaemon daemon;
  private static PoolClient pools;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    pools = new PoolClient(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @Test
  void poolTellsItsLabelsItsRetriesItsRoomAndItsOwner() {
    SessionClient owner = SessionClient.open(daemon.channel());
    PoolInfo created =
        pools.create(
            pool("told", 1)
                .putLabels("team", "blue")
                .setRetryLost(7)
                .setMaxQueuedCalls(9)
                .setOwnerSessionId(owner.sessionId()));
    ListPoolsRequest blue = ListPoolsRequest.newBuilder().putLabels("team", "blue").build();
    for (PoolInfo told :
        List.of(created, pools.get("told"), pools.stub().listPools(blue).getPools(0))) {
      assertThat(told.getLabelsMap()).isEqualTo(Map.of("team", "blue"));
      assertThat(told.getRetryLost()).isEqualTo(7);
      assertThat(told.getMaxQueuedCalls()).isEqualTo(9);
      assertThat(told.getOwnerSessionId()).isEqualTo(owner.sessionId());
    }
    assertThat(pools.create(pool("usual", 1)).getMaxQueuedCalls()).isEqualTo(100_000);
    pools.terminate("usual");
    pools.terminate("told");
    pools.delete("told");
    owner.close();
  }

  private static Value run(String id, String function) throws IOException {
    PoolClient.Calls calls = pools.run(id);
    calls.send(chunk(1, function, "[]"));
    calls.halfClose();
    String results = calls.outcomes(1).get(0).getResults().getResults().getJson();
    ListValue.Builder list = ListValue.newBuilder();
    JsonFormat.parser().merge(results, list);
    return list.getValues(0);
  }

  private static Map<String, String> environmentOf(String id) throws IOException {
    Map<String, String> environment = new HashMap<>();
    run(id, "environment")
        .getStructValue()
        .getFieldsMap()
        .forEach((name, value) -> environment.put(name, value.getStringValue()));
    return environment;
  }

  private static CreatePoolRequest.Builder with(String id, Path cwd, boolean clear) {
    CreatePoolRequest.Builder request = pool(id, 1);
    request
        .getWorkerBuilder()
        .setCwd(cwd.toString())
        .putEnv("FLAVOUR", "sour")
        .putEnv("HOME", "/nowhere")
        .setClearEnv(clear);
    return request;
  }

  @Test
  void workerHasItsDirectoryAndItsEnvironmentOnTopOfTheDaemons(@TempDir Path folder)
      throws Exception {
    pools.create(with("added", folder, false));
    assertThat(run("added", "directory").getStringValue())
        .isEqualTo(folder.toRealPath().toString());
    Map<String, String> environment = environmentOf("added");
    assertThat(environment).containsEntry("FLAVOUR", "sour");
    assertThat(environment).containsEntry("HOME", "/nowhere");
    assertThat(environment).containsEntry("PATH", System.getenv("PATH"));
    pools.terminate("added");
  }

  @Test
  void workerWithAClearedEnvironmentHasNothingOfTheDaemons(@TempDir Path folder) throws Exception {
    pools.create(with("cleared", folder, true));
    Map<String, String> environment = environmentOf("cleared");
    assertThat(environment).containsEntry("FLAVOUR", "sour");
    assertThat(environment.keySet()).allMatch(name -> name.matches("FORKYARD_.*|FLAVOUR|HOME"));
    pools.terminate("cleared");
  }
}
