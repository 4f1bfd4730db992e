package dev.forkyard.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.session.Hold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SortedItemsTest {
  private static final Payload EMPTY =
      new Payload() {
        @Override
        public int sizeBytes() {
          return 0;
        }

        @Override
        public List<Handle> handles() {
          return List.of();
        }
      };
  private static final PutRequest REQUEST = PutRequest.of(List.of(EMPTY), 0, Map.of(), null);

  private final SortedItems items = new SortedItems();

  private static Item item(long number) {
    return new Item(number, REQUEST, EMPTY, Hold.NOTHING);
  }

  private List<Item> from(long number, int most) {
    List<Item> seen = new ArrayList<>();
    boolean unused =
        items.forEachFrom(
            number,
            item -> {
              seen.add(item);
              return seen.size() < most;
            });
    return seen;
  }

  @Test
  void itemsComeOutInOrderThoughTheyComeBackInAnother() {
    LongStream.rangeClosed(1, 1_000).forEach(number -> items.add(item(number)));
    List<Item> taken = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      taken.add(items.poll());
    }
    assertThat(items.peek()).extracting(item -> item.number).isEqualTo(701L);
    for (int i = 699; i >= 0; i--) {
      items.add(taken.get(i));
    }
    for (long number = 1; number <= 1_000; number++) {
      assertThat(items.poll()).extracting(item -> item.number).isEqualTo(number);
    }
    assertThat(items.poll()).isNull();
    assertThat(items.peek()).isNull();
  }

  @Test
  void anySeriesOfChangesIsThatOfASortedMap() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      TreeMap<Long, Item> model = new TreeMap<>();
      List<Item> out = new ArrayList<>();
      long last = 0;
      for (int step = 0; step < 5_000; step++) {
        int kind = random.nextInt(8 + seed % 3);
        if (kind < 3) {
          Item added = item(++last);
          model.put(last, added);
          items.add(added);
        } else if (kind < 5 && !out.isEmpty()) {
          Item back = out.remove(random.nextInt(out.size()));
          model.put(back.number, back);
          items.add(back);
        } else if (kind == 5) {
          long number = random.nextLong(last + 2);
          Item removed = model.remove(number);
          assertThat(items.remove(number)).isSameAs(removed);
          addIfPresent(out, removed);
        } else {
          Map.Entry<Long, Item> polled = model.pollFirstEntry();
          assertThat(items.poll()).isSameAs(polled == null ? null : polled.getValue());
          addIfPresent(out, polled == null ? null : polled.getValue());
        }
        assertThat(items.peek()).isSameAs(model.isEmpty() ? null : model.firstEntry().getValue());
        long place = random.nextLong(last + 2);
        assertThat(from(place, 3)).containsExactlyElementsOf(first(model.tailMap(place).values()));
      }
      assertThat(from(0, Integer.MAX_VALUE)).containsExactlyElementsOf(model.values());
      while (items.poll() != null) {}
    }
  }

  private static void addIfPresent(List<Item> items, @Nullable Item item) {
    if (item != null) {
      items.add(item);
    }
  }

  private static List<Item> first(Collection<Item> all) {
    return all.stream().limit(3).toList();
  }
}
