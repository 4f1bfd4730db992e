package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.TaskFailedException;
import dev.forkyard.client.TaskFailedException.Kind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a call of the SDK ends with when it has no result. */
final class Refusals {
  private Refusals() {}

  /** Refused with a reason, in a sentence with these words. */
  static void assertRefused(String reason, ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ForkyardException.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason))
        .message()
        .satisfies(sentence -> assertThat(words).allMatch(sentence::contains));
  }

  /** Failed in a way, in a sentence with these words. */
  static void assertFails(Kind kind, ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TaskFailedException.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
        .message()
        .satisfies(sentence -> assertThat(words).allMatch(sentence::contains));
  }
}
