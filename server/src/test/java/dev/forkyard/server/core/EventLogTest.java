package dev.forkyard.server.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLogTest {
  private static final long ORIGIN = 1000;
  private final EventLog<String> log = new EventLog<>(ORIGIN, 4, 100);

  private long publish(String event, long weight) {
    Afterwards afterwards = new Afterwards();
    long revision = log.publish(number -> event + number, weight, afterwards);
    afterwards.run();
    return revision;
  }

  private static List<String> rest(EventLog<String>.Cursor cursor) {
    List<String> events = new ArrayList<>();
    for (String event = cursor.next(); event != null; event = cursor.next()) {
      events.add(event);
    }
    return events;
  }

  @Test
  void revisionsGrowFromTheOrigin() {
    assertThat(log.revision()).isEqualTo(ORIGIN);
    assertThat(publish("a", 1)).isEqualTo(ORIGIN + 1);
    assertThat(publish("b", 1)).isEqualTo(ORIGIN + 2);
    assertThat(log.revision()).isEqualTo(ORIGIN + 2);
  }

  @Test
  void cursorReadsWhatCameAfterItsRevision() {
    publish("a", 1);
    EventLog<String>.Cursor cursor = log.after(ORIGIN + 1, () -> {});
    assertThat(cursor.next()).isNull();
    publish("b", 1);
    publish("c", 1);
    assertThat(rest(cursor)).containsExactly("b1002", "c1003");
    assertThat(cursor.revision()).isEqualTo(ORIGIN + 3);
  }

  @Test
  void sleeperIsWokenOnceAndNobodyElse() {
    List<String> woken = new ArrayList<>();
    EventLog<String>.Cursor sleeper = log.after(ORIGIN, () -> woken.add("sleeper"));
    EventLog<String>.Cursor closed = log.after(ORIGIN, () -> woken.add("closed"));
    log.after(ORIGIN, () -> woken.add("busy"));
    sleeper.next();
    closed.next();
    closed.close();
    publish("a", 1);
    publish("b", 1);
    assertThat(woken).containsExactly("sleeper");
  }

  @Test
  void onlyTheLatestAreRemembered() {
    EventLog<String>.Cursor slow = log.after(ORIGIN, () -> {});
    for (int i = 0; i < 4; i++) {
      publish("e", 1);
    }
    assertThat(log.remembersAfter(ORIGIN)).isTrue();
    publish("e", 1);
    assertThat(log.remembersAfter(ORIGIN)).isFalse();
    assertThat(log.remembersAfter(ORIGIN + 1)).isTrue();
    assertThat(log.remembersAfter(ORIGIN + 6)).isFalse();
    assertThat(catchThrowableOfType(Fault.class, slow::next).reason())
        .isEqualTo(Reason.WATCH_TOO_SLOW);
    assertThat(rest(log.after(ORIGIN + 1, () -> {}))).hasSize(4);
  }

  @Test
  void heavyEventsAreForgottenEarlier() {
    publish("a", 60);
    publish("b", 60);
    assertThat(log.remembersAfter(ORIGIN)).isFalse();
    assertThat(rest(log.after(ORIGIN + 1, () -> {}))).containsExactly("b1002");
    publish("c", 1000);
    assertThat(rest(log.after(ORIGIN + 2, () -> {}))).containsExactly("c1003");
  }
}
