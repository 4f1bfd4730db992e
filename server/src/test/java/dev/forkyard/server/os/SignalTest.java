package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignalTest {
  @Test
  void aSignalIsFoundByNameInAnySpelling() {
    assertThat(Signal.named("TERM")).contains(Signal.TERM);
    assertThat(Signal.named("SIGTERM")).contains(Signal.TERM);
    assertThat(Signal.named("sigkill")).contains(Signal.KILL);
    assertThat(Signal.named("RTMIN+3")).contains(new Signal(37, "RTMIN+3"));
    assertThat(Signal.named("SYS")).contains(new Signal(31, "SYS"));
  }

  @Test
  void whatIsNoSignalIsNotFound() {
    for (String name : new String[] {"", "SIG", "15", "TERMINATE", "RTMIN+31", "SIGSIGTERM"}) {
      assertThat(Signal.named(name)).as(name).isEmpty();
    }
    for (int number : new int[] {-1, 0, 32, 33, 65}) {
      assertThat(Signal.numbered(number)).as("%d", number).isEmpty();
    }
  }

  @Test
  void nameAndNumberLeadToEachOther() {
    for (int number = 1; number <= 64; number++) {
      Signal.numbered(number)
          .ifPresent(signal -> assertThat(Signal.named(signal.name())).contains(signal));
    }
  }
}
