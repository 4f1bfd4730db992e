package dev.forkyard.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.RemoteQueue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CollectorTest {
  private static FileWords words(int file) {
    return new FileWords(file, 2, Map.of("yard", 2L));
  }

  @Test
  void resultsAreNotAcknowledgedBeforeTheirSumIsSent() throws Exception {
    try (Forkyard yard = Forkyard.startLocal()) {
      RemoteQueue<FileWords> results = yard.queues().create(FileWords.class);
      Pipe<Sum> sums = yard.pipes().create(Sum.class);
      results.putAll(List.of(words(0), words(1)));
      sums.left().send(new Sum(List.of(), 0, Map.of()));
      sums.left().close();
      assertThatThrownBy(() -> Collector.collect(results, sums.right(), Set.of()))
          .isInstanceOfSatisfying(
              ForkyardException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("PIPE_BROKEN"));
      assertThat(results.leased()).isEqualTo(2);
    }
  }

  @Test
  void filesInEarlierSumsAndFilesThatComeTwiceAreCountedOnce() throws Exception {
    try (Forkyard yard = Forkyard.startLocal()) {
      RemoteQueue<FileWords> results = yard.queues().create(FileWords.class);
      Pipe<Sum> sums = yard.pipes().create(Sum.class);
      results.putAll(List.of(words(0), words(1), words(1), words(2)));
      results.shutdown();
      Collector.collect(results, sums.right(), Set.of(0));
      assertThat(sums.left().receive()).isEqualTo(new Sum(List.of(1, 2), 4, Map.of("yard", 4L)));
      assertThat(results.leased()).isZero();
    }
  }
}
