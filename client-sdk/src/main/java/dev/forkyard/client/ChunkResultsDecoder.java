package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.PayloadCodec;
import dev.forkyard.v1.ChunkResults;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the outcomes of a chunk into values. */
final class ChunkResultsDecoder {
  private ChunkResultsDecoder() {}

  /**
   * Decodes the results of a chunk that is done.
   *
   * @return one value for each call, in order; null for those that failed
   */
  static <R extends @Nullable Object> List<R> decode(PayloadCodec codec, Chunk chunk, Type type) {
    if (chunk.results().size() == 1 && chunk.failures().isEmpty()) {
      return Values.decodeList(codec, chunk.results().get(0).getResults(), type);
    }
    List<@Nullable R> all = new ArrayList<>(Collections.nCopies(chunk.count(), null));
    for (ChunkResults part : chunk.results()) {
      List<R> values = Values.decodeList(codec, part.getResults(), type);
      for (int i = 0; i < values.size(); i++) {
        all.set(part.getFirst() + i, values.get(i));
      }
    }
    @SuppressWarnings("NullAway") // nobody reads the place of a call that failed
    List<R> results = all;
    return results;
  }
}
