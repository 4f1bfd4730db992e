package dev.forkyard.server.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryTest {
  private static final Registry.Kind KIND =
      new Registry.Kind(
          "queue", "q", Reason.QUEUE_NOT_FOUND, Reason.QUEUE_EXISTS, Reason.TOO_MANY_QUEUES);

  private final Registry<Object> registry = new Registry<>(KIND, 5);

  private static void assertRefused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(Fault.class, fault -> assertThat(fault.reason()).isEqualTo(reason));
  }

  private Object create(String id) {
    return registry.create(id, newId -> List.of(newId));
  }

  @Test
  void chosenIdsNameTheThingAndEmptyOnesGetARandomId() {
    Object jobs = create("jobs");
    assertThat(registry.get("jobs")).isSameAs(jobs);
    List<String> given = new ArrayList<>();
    Object other = registry.create("", id -> given.add(id) ? new Object() : id);
    assertThat(registry.get(given.get(0))).isSameAs(other);
  }

  @Test
  void takenIdIsRefusedAndOpensTheThingThatHasIt() {
    Object jobs = create("jobs");
    assertRefused(Reason.QUEUE_EXISTS, () -> create("jobs"));
    Registry.Made<Object> opened = registry.getOrCreate("jobs", id -> new Object());
    assertThat(opened.isNew()).isFalse();
    assertThat(opened.thing()).isSameAs(jobs);
    assertThat(registry.size()).isEqualTo(1);
  }

  @Test
  void malformedIdIsRefusedAndNothingIsMade() {
    assertRefused(Reason.INVALID_ARGUMENT, () -> create("No"));
    assertThat(registry.size()).isZero();
  }

  @Test
  void missingIdsAreRefusedWithTheIdNamed() {
    assertThatThrownBy(() -> registry.get("nobody"))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.reason()).isEqualTo(Reason.QUEUE_NOT_FOUND);
              assertThat(fault.metadata()).containsEntry("queue_id", "nobody");
              assertThat(fault.sentence()).contains("nobody");
            });
    assertThat(registry.find("nobody")).isNull();
  }

  @Test
  void limitIsNamedAndRoomComesBackWithARemoval() {
    List<Object> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(create("q" + i));
    }
    assertThatThrownBy(() -> create("one-more"))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.reason()).isEqualTo(Reason.TOO_MANY_QUEUES);
              assertThat(fault.metadata()).containsEntry("limit", "5");
            });
    assertThat(registry.getOrCreate("q3", id -> new Object()).thing()).isSameAs(made.get(3));
    assertThat(registry.remove("q3", made.get(3))).isTrue();
    assertThat(registry.remove("q3", made.get(3))).isFalse();
    create("one-more");
  }

  @Test
  void removalOfAThingLeavesItsSuccessorAlone() {
    Object first = create("jobs");
    registry.remove("jobs", first);
    Object second = registry.create("jobs", id -> new Object());
    assertThat(registry.remove("jobs", first)).isFalse();
    assertThat(registry.get("jobs")).isSameAs(second);
    assertThat(registry.all()).containsExactly(second);
  }

  @Test
  void pagesListInOrderOfCreationAndEndWithAnEmptyToken() {
    List<Object> made = List.of(create("e"), create("d"), create("c"), create("b"), create("a"));
    Registry.Page<Object> first = registry.page(2, "");
    Registry.Page<Object> second = registry.page(2, first.nextToken());
    Registry.Page<Object> third = registry.page(2, second.nextToken());
    assertThat(first.items()).isEqualTo(made.subList(0, 2));
    assertThat(second.items()).isEqualTo(made.subList(2, 4));
    assertThat(third.items()).isEqualTo(made.subList(4, 5));
    assertThat(third.nextToken()).isEmpty();
    assertThat(registry.page(5, "").nextToken()).isEmpty();
    assertThat(registry.page(0, "").items()).isEqualTo(made);
  }

  @Test
  void pageGoesOnWhereItWasThoughItsLastThingIsGone() {
    List<Object> made = List.of(create("a"), create("b"), create("c"));
    String token = registry.page(2, "").nextToken();
    registry.remove("b", made.get(1));
    Object late = create("d");
    assertThat(registry.page(2, token).items()).containsExactly(made.get(2), late);
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", "a b", "zzzzzzzzzzzzzzzzzzzzzzzzzz", "\0"})
  void foreignPageTokensAreRefused(String token) {
    assertRefused(Reason.INVALID_ARGUMENT, () -> registry.page(1, token));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1001, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void pageSizesBeyondTheLimitAreRefused(int size) {
    assertRefused(Reason.INVALID_ARGUMENT, () -> registry.page(size, ""));
  }

  @Test
  void oneOfManyThatCreateTheSameIdAtOnceMakesIt() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 200; round++) {
        Registry<Object> fresh = new Registry<>(KIND, 5);
        List<Future<Registry.Made<Object>>> made = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          made.add(threads.submit(() -> fresh.getOrCreate("jobs", id -> new Object())));
        }
        int makers = 0;
        for (Future<Registry.Made<Object>> one : made) {
          makers += one.get().isNew() ? 1 : 0;
          assertThat(one.get().thing()).isSameAs(fresh.get("jobs"));
        }
        assertThat(makers).isEqualTo(1);
        assertThat(fresh.all()).hasSize(1);
      }
    } finally {
      threads.shutdown();
    }
  }
}
