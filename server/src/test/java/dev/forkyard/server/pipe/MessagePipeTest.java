package dev.forkyard.server.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.Direction.Message;
import dev.forkyard.server.pipe.PipeSnapshot.EndSnapshot;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.OwnedThings;
import dev.forkyard.server.session.OwnedThings.Owned;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.Recorded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A pipe and the sessions that it follows. */
class MessagePipeTest {
  private final Sessions sessions = new Sessions(10);
  private final Session owner = sessions.open();
  private final Session user = sessions.open();
  private final OwnedThings<MessagePipe> pipes =
      new OwnedThings<>(PipeFaults.KIND, 10, MessagePipe::delete);
  private final Owned<MessagePipe> owned =
      pipes.create(
          "p",
          new Owner(owner),
          (id, keepers) ->
              new MessagePipe(
                  id,
                  PipeOptions.of(0, false),
                  keepers,
                  (delay, action) -> () -> {},
                  new WaiterLimit(10)));
  private final MessagePipe pipe = owned.thing();

  private record Word() implements Payload {
    @Override
    public int sizeBytes() {
      return 1;
    }

    @Override
    public List<Handle> handles() {
      return List.of();
    }
  }

  private String send() {
    List<Message> messages = List.of(new Message(new Word(), Hold.NOTHING));
    return Recorded.<Done>inWords(
        false, reply -> pipe.send(Side.LEFT, user, messages, Duration.ZERO, reply), done -> "sent");
  }

  private EndSnapshot left() {
    return pipe.snapshot("").left();
  }

  /** Ends the user's session; answers whether it still knew the pipe. */
  private boolean endsWithUser() {
    List<String> others = new ArrayList<>();
    user.onEnd(pipe, () -> others.add("not the pipe"));
    sessions.end(user, Ending.CLOSED);
    return others.isEmpty();
  }

  @Test
  void sessionForgetsThePipeThatEndsWithTheLastEndThatItCloses() {
    pipe.followOwner();
    assertThat(send()).isEqualTo("sent");
    sessions.end(owner, Ending.CLOSED);
    pipe.close(Side.LEFT, user);
    assertThat(pipes.size()).isZero();
    assertThat(endsWithUser()).isFalse();
  }

  @Test
  void whoIsGivenAnEndOfADeletedPipeHoldsNothing() {
    Hold hold = pipe.hold(Side.LEFT, pipes.hold(owned, null));
    pipes.delete(owned);
    hold.shareWith(user);
    hold.release();
    assertThat(left().holders()).isZero();
    assertThat(endsWithUser()).isFalse();
  }

  @Test
  void sessionThatHasEndedSendsNothingAndEndsNothing() {
    sessions.end(user, Ending.CLOSED);
    assertThat(send()).isEqualTo("SESSION_NOT_FOUND");
    assertThat(left()).isEqualTo(new EndSnapshot(0, false, 0, 0));
  }

  @Test
  void holderWhoseSessionEndsAtThisMomentSendsNothingMore() {
    List<String> lastWords = new ArrayList<>();
    user.onEnd("before the pipe is told", () -> lastWords.add(send()));
    assertThat(send()).isEqualTo("sent");
    sessions.end(user, Ending.CLOSED);
    assertThat(lastWords).containsExactly("SESSION_NOT_FOUND");
    assertThat(pipe.snapshot("").right().unreadMessages()).isEqualTo(1);
    assertThat(left().gone()).isTrue();
  }
}
