package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.PutItemsRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Every setting keeps those before it. */
class QueueAndPipeOptionsTest {
  @Test
  void settingsOfAQueueAreKeptInEveryOrder() {
    QueueOptions options =
        QueueOptions.defaults()
            .deadAfterReleases(1)
            .deadAfterCrashes(2)
            .maxPriority(3)
            .capacityBytes(4)
            .capacity(5);
    CreateQueueRequest request = options.toRequest("q", "s");
    assertThat(request.getDeadAfterReleases()).isEqualTo(1);
    assertThat(request.getDeadAfterCrashes()).isEqualTo(2);
    assertThat(request.getMaxPriority()).isEqualTo(3);
    assertThat(request.getCapacityBytes()).isEqualTo(4);
    assertThat(request.getCapacity()).isEqualTo(5);
    assertThat(options.maxPriority(9).toRequest("q", "s").getCapacity()).isEqualTo(5);
  }

  @Test
  void settingsOfAPutAreKeptInEveryOrder() {
    PutOptions options =
        PutOptions.defaults()
            .requestId("r")
            .timeout(Duration.ofSeconds(1))
            .attribute("k", "v")
            .priority(3);
    PutItemsRequest request = options.toRequest("q").build();
    assertThat(request.getRequestId()).isEqualTo("r");
    assertThat(request.getTimeout().getSeconds()).isEqualTo(1);
    assertThat(request.getAttributesMap()).containsEntry("k", "v");
    assertThat(request.getPriority()).isEqualTo(3);
    assertThat(options.attribute("l", "w").toRequest("q").getPriority()).isEqualTo(3);
  }

  @Test
  void settingsOfAPipeAreKeptInEveryOrder() {
    CreatePipeRequest request = PipeOptions.defaults().capacityBytes(4).simplex().toRequest("s");
    assertThat(request.getSimplex()).isTrue();
    assertThat(request.getCapacityBytes()).isEqualTo(4);
    assertThat(PipeOptions.defaults().simplex().capacityBytes(4).toRequest("s").getSimplex())
        .isTrue();
  }
}
