package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.PayloadCodec;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.Payload;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the calls of a chunk returned, or why they did not. Not thread-safe. */
final class ChunkOutcomes<R extends @Nullable Object> {
  private final List<@Nullable R> results;
  private final Map<Integer, ForkyardException> failures = new HashMap<>();

  /** Decodes the outcomes of a chunk that is done. */
  ChunkOutcomes(PayloadCodec codec, Chunk chunk, Type type) {
    this.results = new ArrayList<>(Collections.nCopies(chunk.count(), null));
    for (Map.Entry<Integer, Failure> failed : chunk.failures().entrySet()) {
      failures.put(failed.getKey(), Errors.taskFailed(failed.getValue()));
    }
    for (ChunkResults part : chunk.results()) {
      decode(codec, part, type);
    }
  }

  /** {@return how many calls there were} */
  int size() {
    return results.size();
  }

  /**
   * {@return what a call returned}
   *
   * @throws ForkyardException if it did not, or its result cannot be decoded
   */
  R get(int index) {
    ForkyardException failure = failures.get(index);
    if (failure != null) {
      throw failure;
    }
    @SuppressWarnings("NullAway") // a result is null only where its type allows that
    R result = results.get(index);
    return result;
  }

  private void decode(PayloadCodec codec, ChunkResults part, Type type) {
    List<R> values;
    try {
      values = Values.decodeList(codec, part.getResults(), type);
    } catch (ForkyardException e) {
      decodeEach(codec, part, type, e);
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      results.set(part.getFirst() + i, values.get(i));
    }
  }

  /** A result that cannot be decoded costs no other one. */
  private void decodeEach(
      PayloadCodec codec, ChunkResults part, Type type, ForkyardException whole) {
    if (part.getCount() == 1) {
      failures.put(part.getFirst(), whole);
      return;
    }
    List<Payload> each = Values.split(codec, part.getResults());
    for (int i = 0; i < each.size(); i++) {
      int index = part.getFirst() + i;
      try {
        R value = Values.decodeNullable(codec, each.get(i), type);
        results.set(index, value);
      } catch (ForkyardException e) {
        failures.put(index, e);
      }
    }
  }
}
