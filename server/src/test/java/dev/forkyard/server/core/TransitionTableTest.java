package dev.forkyard.server.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TransitionTableTest {
  private enum Lamp {
    OFF,
    ON
  }

  private enum Event {
    PRESSED,
    BROKEN
  }

  private final TransitionTable<Lamp, Event> table =
      new TransitionTable<Lamp, Event>()
          .on(Lamp.OFF, Event.PRESSED, Lamp.ON)
          .on(Lamp.ON, Event.PRESSED, Lamp.OFF)
          .on(Lamp.ON, Event.BROKEN, Lamp.OFF);

  @Test
  void eventsLeadToTheStateOfTheTable() {
    assertThat(table.after(Lamp.OFF, Event.PRESSED)).isEqualTo(Lamp.ON);
    assertThat(table.after(Lamp.ON, Event.BROKEN)).isEqualTo(Lamp.OFF);
  }

  @Test
  void eventThatIsNotInTheTableIsABug() {
    assertThat(table.allows(Lamp.ON, Event.BROKEN)).isTrue();
    assertThat(table.allows(Lamp.OFF, Event.BROKEN)).isFalse();
    assertThatThrownBy(() -> table.after(Lamp.OFF, Event.BROKEN))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("BROKEN")
        .hasMessageContaining("OFF");
  }
}
