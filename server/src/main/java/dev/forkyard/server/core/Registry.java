package dev.forkyard.server.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The living things of one kind by id, bounded, listed in order of creation. Thread-safe. */
public final class Registry<T> {

  /** The words in which a kind of thing speaks of itself. */
  public record Kind(String noun, String prefix, Reason notFound, Reason exists, Reason tooMany) {
    String idField() {
      return noun + "_id";
    }

    /** The refusal of an id that names nothing. */
    public Fault faultOfMissing(String id) {
      if (id.isEmpty()) {
        return Fault.invalid(idField(), idField() + " is missing; name a " + noun + ".");
      }
      String shown = id.length() > 100 ? id.substring(0, 100) + "…" : id;
      return new Fault(
              notFound,
              "There is no "
                  + noun
                  + " \""
                  + shown
                  + "\"; it may have been deleted or have ended with its owner.")
          .with(idField(), shown);
    }
  }

  /**
   * Some of the things, and the token for those that follow; the token is empty on the last page.
   */
  public record Page<T>(List<T> items, String nextToken) {}

  private record Entry<T>(long number, T thing) {}

  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 1000;

  private final Kind kind;
  private final int limit;
  private final ConcurrentHashMap<String, Entry<T>> byId = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<Long, T> byAge = new ConcurrentSkipListMap<>();
  private final AtomicLong numbers = new AtomicLong();

  public Registry(Kind kind, int limit) {
    this.kind = kind;
    this.limit = limit;
  }

  /** A thing, and whether it was made just now. */
  public record Made<T>(T thing, boolean isNew) {}

  /**
   * Makes a thing under a new id.
   *
   * @param wantedId the id, or empty for a random one
   * @throws Fault when the id is malformed or taken, or the kind's limit is reached
   */
  public T create(String wantedId, Function<String, T> maker) {
    Made<T> made = getOrCreate(wantedId, maker);
    if (!made.isNew()) {
      throw exists(wantedId, "");
    }
    return made.thing();
  }

  /** As {@link #create}, but answers the thing that has the id already. */
  public Made<T> getOrCreate(String wantedId, Function<String, T> maker) {
    if (!wantedId.isEmpty()) {
      Ids.check(kind.idField(), wantedId);
    }
    String id = wantedId.isEmpty() ? Ids.random(kind.prefix()) : wantedId;
    boolean[] isNew = new boolean[1];
    Entry<T> entry =
        byId.computeIfAbsent(
            id,
            key -> {
              checkLimit();
              isNew[0] = true;
              return new Entry<>(numbers.incrementAndGet(), maker.apply(key));
            });
    if (isNew[0]) {
      byAge.put(entry.number(), entry.thing());
      if (!entry.equals(byId.get(id))) {
        byAge.remove(entry.number()); // it was deleted before it was listed
      }
    }
    return new Made<>(entry.thing(), isNew[0]);
  }

  private void checkLimit() {
    if (byId.mappingCount() >= limit) {
      throw new Fault(
              kind.tooMany(),
              "The daemon has " + limit + " " + kind.noun() + "s already; delete some first.")
          .with("limit", limit);
    }
  }

  /** The refusal of an id that is taken. */
  public Fault exists(String id, String difference) {
    return new Fault(
            kind.exists(),
            "There is a "
                + kind.noun()
                + " \""
                + id
                + "\" already"
                + difference
                + "; choose another id or delete it first.")
        .with(kind.idField(), id);
  }

  /**
   * @throws Fault the kind's not-found reason
   */
  public T get(String id) {
    T thing = find(id);
    if (thing == null) {
      throw notFound(id);
    }
    return thing;
  }

  public @Nullable T find(String id) {
    Entry<T> entry = byId.get(id);
    return entry == null ? null : entry.thing();
  }

  /** The refusal of an id that names nothing. */
  public Fault notFound(String id) {
    return kind.faultOfMissing(id);
  }

  /** Takes a thing out; false when it was out already. */
  public boolean remove(String id, T thing) {
    Entry<T> entry = byId.get(id);
    if (entry == null || entry.thing() != thing || !byId.remove(id, entry)) {
      return false;
    }
    byAge.remove(entry.number());
    return true;
  }

  public int size() {
    return byId.size();
  }

  public int limit() {
    return limit;
  }

  /** Everything, oldest first. */
  public List<T> all() {
    return List.copyOf(byAge.values());
  }

  /**
   * Some of the things, oldest first.
   *
   * @param size 1 to 1000, or 0 for 100
   * @param token from the page before, or empty
   */
  public Page<T> page(int size, String token) {
    if (size < 0 || size > LARGEST_PAGE) {
      throw Fault.invalid("page_size", "page_size must be 1 to 1000, or 0 for 100.")
          .with("value", size);
    }
    int most = size == 0 ? DEFAULT_PAGE : size;
    List<T> items = new ArrayList<>();
    String next = "";
    for (var entry : byAge.tailMap(parse(token), false).entrySet()) {
      if (items.size() == most) {
        break;
      }
      items.add(entry.getValue());
      next = Long.toString(entry.getKey(), 36);
    }
    boolean more = !next.isEmpty() && byAge.higherKey(parse(next)) != null;
    return new Page<>(items, more ? next : "");
  }

  private static long parse(String token) {
    try {
      return token.isEmpty() ? 0 : Long.parseLong(token, 36);
    } catch (NumberFormatException notOurs) {
      throw Fault.invalid(
          "page_token", "page_token must be the next_page_token of an earlier answer.");
    }
  }
}
