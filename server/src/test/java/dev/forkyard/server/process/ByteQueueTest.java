package dev.forkyard.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteQueueTest {
  private final ByteQueue queue = new ByteQueue();

  @Test
  void bytesLeaveInTheOrderInWhichTheyCame() {
    Random random = new Random(7);
    ByteArrayOutputStream added = new ByteArrayOutputStream();
    ByteArrayOutputStream removed = new ByteArrayOutputStream();
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = new byte[random.nextInt(3_000)];
      random.nextBytes(bytes);
      queue.add(bytes);
      added.writeBytes(bytes);
      ByteQueue.Range first = queue.first();
      if (first != null) {
        int count = random.nextInt(first.length() + 1);
        removed.write(first.bytes(), first.offset(), count);
        queue.removeFirst(count);
      }
      assertThat(queue.size()).isEqualTo(added.size() - removed.size());
    }
    removed.writeBytes(queue.removeAll());
    assertThat(removed.toByteArray()).isEqualTo(added.toByteArray());
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.first()).isNull();
  }

  @Test
  void manySmallAdditionsShareAnArray() {
    for (int i = 0; i < 1_000; i++) {
      queue.add(new byte[] {(byte) i});
    }
    ByteQueue.Range first = queue.first();
    assertThat(first).isNotNull();
    assertThat(first.length()).isEqualTo(1_000);
  }
}
