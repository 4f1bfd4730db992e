package dev.forkyard.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.session.OwnedThings.Owned;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnedThingsTest {
  private static final Registry.Kind KIND =
      new Registry.Kind(
          "queue", "q", Reason.QUEUE_NOT_FOUND, Reason.QUEUE_EXISTS, Reason.TOO_MANY_QUEUES);

  private final Sessions sessions = new Sessions(10);
  private final Session owner = sessions.open();
  private final Session other = sessions.open();
  private final List<String> ended = new ArrayList<>();
  private final OwnedThings<String> things = new OwnedThings<>(KIND, 10, ended::add);

  private Owned<String> create(String id) {
    return things.create(id, new Owner(owner), (itsId, keepers) -> itsId);
  }

  @Test
  void thingIsEndedOnceByTheLastThatKeepsIt() {
    Owned<String> thing = create("a");
    Hold hold = things.hold(thing, null);
    hold.shareWith(other);
    hold.shareWith(other);
    sessions.end(owner, Ending.CLOSED);
    hold.release();
    hold.release();
    assertThat(ended).isEmpty();
    sessions.end(other, Ending.CLOSED);
    assertThat(ended).containsExactly("a");
    assertThat(things.end(thing)).isFalse();
    assertThat(ended).containsExactly("a");
  }

  @Test
  void sessionsForgetWhatHasEnded() {
    Owned<String> thing = create("a");
    thing.keepers().add(other);
    things.delete(thing);
    thing.keepers().add(other);
    assertThat(owner.keeps).isEmpty();
    assertThat(other.keeps).isEmpty();
  }

  @Test
  void sessionThatHasEndedIsGivenNothing() {
    Owned<String> thing = create("a");
    sessions.end(other, Ending.CLOSED);
    Hold hold = things.hold(thing, null);
    hold.shareWith(other);
    hold.release();
    sessions.end(owner, Ending.CLOSED);
    assertThat(ended).containsExactly("a");
  }

  @Test
  void whatEndsWithAnotherThingEndsAfterIt() {
    OwnedThings<Hold> boxes = new OwnedThings<>(KIND, 10, Hold::release);
    Owned<String> inner = create("inner");
    Owned<Hold> box =
        boxes.create("box", new Owner(other), (id, keepers) -> things.hold(inner, keepers));
    sessions.end(owner, Ending.CLOSED);
    assertThat(things.size()).isEqualTo(1);
    boxes.delete(box);
    assertThat(things.size()).isZero();
    assertThat(ended).containsExactly("inner");
  }

  @Test
  void endThatFailsPreventsNoOther() {
    OwnedThings<String> failing =
        new OwnedThings<>(
            KIND,
            10,
            thing -> {
              ended.add(thing);
              throw new IllegalStateException("on purpose");
            });
    failing.create("a", new Owner(owner), (id, keepers) -> id);
    failing.create("b", new Owner(owner), (id, keepers) -> id);
    sessions.end(owner, Ending.CLOSED);
    assertThat(ended).containsExactly("a", "b");
  }
}
