package dev.forkyard.e2e;

import static dev.forkyard.e2e.PrivateYard.LONG;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static dev.forkyard.e2e.Threads.begin;
import static dev.forkyard.e2e.Threads.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.PipeOptions;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.client.TypeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a Pipe of multiprocessing does, and where a pipe here differs. */
@Timeout(120)
class PipeSemanticsTest {
  @RegisterExtension static final PrivateYard YARD = new PrivateYard();
  private static final Duration SHORT = Duration.ofMillis(1);
  private static final Duration NEGATIVE = Duration.ofSeconds(-5);
  private static final TypeRef<PipeEnd<String>> END = new TypeRef<>() {};

  private static Pipe<String> pipe() {
    return YARD.get().pipes().create(String.class);
  }

  private static Pipe<String> pipe(PipeOptions options) {
    return YARD.get().pipes().create(String.class, options);
  }

  private static Pipe<byte[]> bytes() {
    return YARD.get().pipes().create(byte[].class);
  }

  private static void assertEnded(ThrowingCallable receive) {
    assertThatThrownBy(receive)
        .isInstanceOfSatisfying(
            PipeEndedException.class, end -> assertThat(end.reason()).isEqualTo("PIPE_ENDED"));
  }

  /** Whoever held the other end is gone: what was sent is received, then the end comes. */
  private static void assertSentThenEnded(PipeEnd<String> end, String... sent) throws Exception {
    for (String message : sent) {
      assertThat(end.receive(LONG)).hasValue(message);
    }
    assertThat(end.poll(LONG)).isTrue();
    assertEnded(end::receive);
    assertEnded(() -> end.receive(NEGATIVE));
    assertRefused("PIPE_BROKEN", () -> end.send("nobody gets it"));
    assertRefused("PIPE_BROKEN", () -> end.trySend("nobody gets it"));
  }

  // Pipe(duplex=True)

  @Test
  void bothEndsOfADuplexPipeSendAndReceive() throws Exception {
    Pipe<String> pipe = pipe();
    pipe.left().send("to the right");
    pipe.right().send("to the left");
    assertThat(pipe.right().receive()).isEqualTo("to the right");
    assertThat(pipe.left().receive()).isEqualTo("to the left");
  }

  @Test
  void firstEndOfASimplexPipeOnlyReceivesAndTheSecondOnlySends() throws Exception {
    Pipe<String> pipe = pipe(PipeOptions.defaults().simplex());
    pipe.right().send("one way");
    assertThat(pipe.left().poll()).isTrue();
    assertThat(pipe.left().receive()).isEqualTo("one way");
    assertRefused("PIPE_READ_ONLY", () -> pipe.left().send("x"), "send at the right end");
    assertRefused("PIPE_WRITE_ONLY", () -> pipe.right().receive(), "receive at the left end");
    assertRefused("PIPE_WRITE_ONLY", () -> pipe.right().poll(), "receive at the left end");
    assertRefused("PIPE_WRITE_ONLY", () -> pipe.right().poll(LONG), "receive at the left end");
  }

  // send(obj)

  @Test
  void pipeIsFoundByItsIdAndThatHoldsNoEnd() throws Exception {
    Pipe<String> pipe = YARD.get().pipes().create(String.class);
    try (Forkyard other = YARD.connect()) {
      other.pipes().get(pipe.id(), String.class).right().send("a");
      other.pipes().get(pipe.id(), new TypeRef<String>() {}).right().send("b");
    }
    Pipe<String> again = YARD.get().pipes().get(pipe.id(), String.class);
    assertThat(again.left().receive()).isEqualTo("a");
    assertThat(again.left().receive()).isEqualTo("b");
    assertThatThrownBy(() -> again.left().receive()).isInstanceOf(PipeEndedException.class);
    pipe.delete();
    assertRefused("PIPE_NOT_FOUND", () -> YARD.get().pipes().get(pipe.id(), String.class));
  }

  @Test
  void boundariesOfMessagesAreKeptAndTheyAreNeverMerged() throws Exception {
    Pipe<String> pipe = pipe();
    List<String> sent = List.of("a", "", "bc", "x".repeat(100_000), "", "d");
    for (String message : sent) {
      pipe.left().send(message);
    }
    for (String message : sent) {
      assertThat(pipe.right().receive()).isEqualTo(message);
    }
    assertThat(pipe.right().poll()).isFalse();
  }

  @Test
  void messagesOfAChildArriveInTheirOrderThenTheEnd() throws Exception {
    Pipe<Integer> pipe = YARD.get().pipes().create(Integer.class);
    YARD.get().processes().start(PipeTasks::sendNumbers, pipe.right(), 1_000);
    assertThat(PipeTasks.drain(pipe.left())).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
  }

  @Test
  void sendWaitsWhileThePipeIsFull() throws Exception {
    Pipe<String> pipe = pipe(PipeOptions.defaults().capacityBytes(100));
    pipe.left().send("x".repeat(90));
    assertThat(pipe.left().trySend("y".repeat(90))).isFalse();
    FutureTask<Boolean> send =
        begin(
            () -> {
              pipe.left().send("z".repeat(90));
              return true;
            });
    YARD.awaitWaitingCalls(1);
    assertThat(send.isDone()).isFalse();
    assertThat(pipe.right().receive()).startsWith("x");
    assertThat(result(send)).isTrue();
    assertThat(pipe.right().receive(Duration.ZERO).orElseThrow()).startsWith("z");
  }

  @Test
  void sendThatFindsNoRoomInTimeIsRefusedAndSendsNothing() throws Exception {
    Pipe<String> pipe = pipe(PipeOptions.defaults().capacityBytes(100));
    pipe.left().send("x".repeat(90));
    assertRefused("PIPE_FULL", () -> pipe.left().send("y".repeat(90), SHORT));
    assertRefused("PIPE_FULL", () -> pipe.left().send("y".repeat(90), NEGATIVE));
    assertThat(pipe.right().receive()).startsWith("x");
    assertThat(pipe.right().poll()).isFalse();
    assertThat(pipe.left().trySend("y".repeat(90))).isTrue();
  }

  @Test
  void sendThatWaitsIsToldWhenTheReceiverDies() throws Exception {
    Pipe<String> pipe = pipe(PipeOptions.defaults().capacityBytes(100));
    ManagedProcess child = YARD.get().processes().start(PipeTasks::hangWith, pipe.right());
    pipe.left().send("x".repeat(90));
    FutureTask<Boolean> send =
        begin(
            () -> {
              pipe.left().send("y".repeat(90));
              return true;
            });
    YARD.awaitWaitingCalls(1);
    child.kill();
    assertThatThrownBy(() -> result(send))
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("PIPE_BROKEN"));
    child.join(LONG);
  }

  @Test
  void messageLargerThanThePipeIsLetInAloneAndOneLargerThanAMessageIsRefused() throws Exception {
    Pipe<String> pipe = pipe(PipeOptions.defaults().capacityBytes(100));
    String large = "x".repeat(3 << 20);
    pipe.left().send(large);
    assertThat(pipe.left().trySend("y")).isFalse();
    assertThat(pipe.right().receive()).isEqualTo(large);
    assertRefused("MESSAGE_TOO_LARGE", () -> pipe.left().send("x".repeat(4 << 20)), "the message");
    assertThat(pipe.right().poll()).isFalse();
    assertThat(pipe.left().trySend("y")).isTrue();
  }

  @Test
  void messageThatCannotBeEncodedIsRefusedToItsSenderAndNothingIsSent() throws Exception {
    Pipe<Object> pipe = YARD.get().pipes().create(Object.class);
    assertRefused("NOT_CONVERTIBLE", () -> pipe.left().send(new Object()));
    assertThat(pipe.right().poll()).isFalse();
  }

  // recv()

  @Test
  void receiveWaitsForAMessageAsLongAsItTakes() throws Exception {
    Pipe<String> pipe = pipe();
    FutureTask<String> receive = begin(() -> pipe.left().receive());
    YARD.awaitWaitingCalls(1);
    assertThat(receive.isDone()).isFalse();
    pipe.right().send("at last");
    assertThat(result(receive)).isEqualTo("at last");
  }

  @Test
  void receiveCanWaitForALimitedTimeUnlikePythons() throws Exception {
    Pipe<String> pipe = pipe();
    assertThat(pipe.left().receive(SHORT)).isEmpty();
    assertThat(pipe.left().receive(Duration.ZERO)).isEmpty();
    assertThat(pipe.left().receive(NEGATIVE)).isEmpty();
    pipe.right().send("there");
    assertThat(pipe.left().receive(NEGATIVE)).hasValue("there");
  }

  @Test
  void bufferedMessagesAreReceivedAfterTheOtherEndWasClosedAndThenTheEnd() throws Exception {
    Pipe<String> pipe = pipe();
    pipe.right().send("one");
    pipe.right().send("two");
    pipe.right().close();
    assertSentThenEnded(pipe.left(), "one", "two");
  }

  @Test
  void receiveThatWaitsIsToldTheEndWhenTheOtherEndIsClosed() throws Exception {
    Pipe<String> pipe = pipe();
    pipe.right().send("one");
    assertThat(pipe.left().receive()).isEqualTo("one");
    FutureTask<String> receive = begin(() -> pipe.left().receive());
    YARD.awaitWaitingCalls(1);
    pipe.right().close();
    assertThatThrownBy(() -> result(receive)).hasCauseInstanceOf(PipeEndedException.class);
  }

  @Test
  void interruptedReceiveHasReceivedNothing() throws Exception {
    Pipe<String> pipe = pipe();
    FutureTask<String> receive = new FutureTask<>(() -> pipe.left().receive());
    Thread receiver = new Thread(receive);
    receiver.start();
    YARD.awaitWaitingCalls(1);
    receiver.interrupt();
    assertThatThrownBy(() -> result(receive)).hasCauseInstanceOf(InterruptedException.class);
    YARD.awaitWaitingCalls(0);
    pipe.right().send("still there");
    assertThat(pipe.left().receive()).isEqualTo("still there");
  }

  // poll(timeout)

  @Test
  void pollDoesNotWaitUnlessItIsToldTo() throws Exception {
    Pipe<String> pipe = pipe();
    assertThat(pipe.left().poll()).isFalse();
    assertThat(pipe.left().poll(SHORT)).isFalse();
    assertThat(pipe.left().poll(NEGATIVE)).isFalse();
    pipe.right().send("x");
    assertThat(pipe.left().poll()).isTrue();
    assertThat(pipe.left().poll(NEGATIVE)).isTrue();
    assertThat(pipe.left().receive()).isEqualTo("x");
    assertThat(pipe.left().poll()).isFalse();
  }

  @Test
  void pollThatWaitsIsTrueWhenAMessageComesAndTakesNothing() throws Exception {
    Pipe<String> pipe = pipe();
    FutureTask<Boolean> poll = begin(() -> pipe.left().poll(LONG));
    YARD.awaitWaitingCalls(1);
    pipe.right().send("x");
    assertThat(result(poll)).isTrue();
    assertThat(pipe.left().receive(Duration.ZERO)).hasValue("x");
  }

  @Test
  void pollIsTrueAtTheEnd() throws Exception {
    Pipe<String> pipe = pipe();
    ManagedProcess child = YARD.get().processes().start(PipeTasks::hangWith, pipe.right());
    FutureTask<Boolean> poll = begin(() -> pipe.left().poll(LONG));
    YARD.awaitWaitingCalls(1);
    child.kill();
    assertThat(result(poll)).isTrue();
    assertThat(pipe.left().poll()).isTrue();
    assertEnded(pipe.left()::receive);
    child.join(LONG);
  }

  @Test
  void interruptedPollLeavesNoCallBehind() throws Exception {
    Pipe<String> pipe = pipe();
    FutureTask<Boolean> poll = new FutureTask<>(() -> pipe.left().poll(LONG));
    Thread poller = new Thread(poll);
    poller.start();
    YARD.awaitWaitingCalls(1);
    poller.interrupt();
    assertThatThrownBy(() -> result(poll)).hasCauseInstanceOf(InterruptedException.class);
    YARD.awaitWaitingCalls(0);
  }

  // send_bytes, recv_bytes, recv_bytes_into

  @Test
  void bytesCrossAsTheyAreAlsoToAnotherProcessAndBack() throws Exception {
    Pipe<byte[]> pipe = bytes();
    YARD.get().processes().start(PipeTasks::echo, pipe.right());
    byte[] every = new byte[256];
    IntStream.range(0, 256).forEach(value -> every[value] = (byte) value);
    for (byte[] sent : List.of(every, new byte[0], new byte[1_000_000])) {
      pipe.left().send(sent);
      assertThat(pipe.left().receive()).isEqualTo(sent);
    }
    pipe.left().close();
  }

  @Test
  void emptyMessageIsAMessageAndNoEnd() throws Exception {
    Pipe<byte[]> pipe = bytes();
    pipe.left().send(new byte[0]);
    pipe.left().close();
    assertThat(pipe.right().poll()).isTrue();
    assertThat(pipe.right().receive()).isEmpty();
    assertEnded(pipe.right()::receive);
  }

  @Test
  void messageThatIsTooLongStaysAndSoDoesThePipeUnlikePythons() throws Exception {
    Pipe<byte[]> pipe = bytes();
    pipe.left().send(new byte[10]);
    pipe.left().send(new byte[3]);
    assertRefused("MESSAGE_TOO_LONG", () -> pipe.right().receiveAtMost(9), "10 bytes");
    assertRefused("MESSAGE_TOO_LONG", () -> pipe.right().receiveAtMost(1, LONG), "10 bytes");
    assertThat(pipe.right().poll()).isTrue();
    assertThat(pipe.right().receiveAtMost(10)).hasSize(10);
    assertThat(pipe.right().receiveAtMost(3, LONG).orElseThrow()).hasSize(3);
    assertThat(pipe.right().receiveAtMost(3, SHORT)).isEmpty();
  }

  @Test
  void longestLengthHoldsForJsonTextToo() throws Exception {
    Pipe<String> pipe = pipe();
    pipe.left().send("12345678");
    assertRefused("MESSAGE_TOO_LONG", () -> pipe.right().receiveAtMost(9), "10 bytes");
    assertThat(pipe.right().receiveAtMost(10)).isEqualTo("12345678");
  }

  @Test
  void messageThatIsNoValueOfTheReceiversTypeIsToldAndGoneAndThePipeGoesOn() throws Exception {
    Pipe<Object> pipe = YARD.get().pipes().create(Object.class);
    Pipe<PipeEnd<Integer>> post = YARD.get().pipes().create(new TypeRef<PipeEnd<Integer>>() {});
    PipeEnd<Integer> numbers = asEndOfNumbers(pipe.right(), post);
    pipe.left().send("no number");
    pipe.left().send(5);
    assertRefused("NOT_CONVERTIBLE", numbers::receive);
    assertThat(numbers.receive()).isEqualTo(5);
  }

  /** The same end, declared with another type, as in another process that was given it. */
  @SuppressWarnings("unchecked")
  private static PipeEnd<Integer> asEndOfNumbers(PipeEnd<Object> end, Pipe<PipeEnd<Integer>> post)
      throws Exception {
    ((PipeEnd<Object>) (PipeEnd<?>) post.left()).send(end);
    return post.right().receive();
  }

  // close, context manager

  @Test
  void closeCanBeRepeatedAndRefusesWhatComesAfterIt() throws Exception {
    Pipe<String> pipe = pipe();
    try (PipeEnd<String> end = pipe.left()) {
      end.send("x");
    }
    pipe.left().close();
    assertRefused("PIPE_END_CLOSED", () -> pipe.left().send("y"));
    assertRefused("PIPE_END_CLOSED", pipe.left()::receive);
    assertRefused("PIPE_END_CLOSED", pipe.left()::poll);
    assertSentThenEnded(pipe.right(), "x");
    pipe.delete();
    pipe.left().close();
    assertRefused("PIPE_NOT_FOUND", pipe.right()::receive);
  }

  @Test
  void whoWaitsAtAnEndIsToldWhenItIsClosedByItsOwnProcess() throws Exception {
    Pipe<String> pipe = pipe();
    FutureTask<String> receive = begin(() -> pipe.left().receive());
    FutureTask<Boolean> poll = begin(() -> pipe.left().poll(LONG));
    YARD.awaitWaitingCalls(2);
    pipe.left().close();
    for (FutureTask<?> waiting : List.of(receive, poll)) {
      assertThatThrownBy(() -> result(waiting))
          .cause()
          .isInstanceOfSatisfying(
              ForkyardException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("PIPE_END_CLOSED"));
    }
  }

  // who holds an end

  @Test
  void creatorThatDoesNotUseAnEndHoldsItNotSoTheEndComesWithoutACloseUnlikePythons()
      throws Exception {
    Pipe<String> pipe = pipe();
    YARD.get().processes().start(PipeTasks::sendWords, pipe.right(), "word", 2);
    assertSentThenEnded(pipe.left(), "word0", "word1");
  }

  @Test
  void endComesWhenTheLastOfSeveralHoldersIsGone() throws Exception {
    Pipe<String> pipe = pipe();
    ManagedProcess first = YARD.get().processes().start(PipeTasks::sendAndHang, pipe.right(), "1");
    assertThat(pipe.left().receive(LONG)).hasValue("1");
    ManagedProcess second = YARD.get().processes().start(PipeTasks::sendAndHang, pipe.right(), "2");
    assertThat(pipe.left().receive(LONG)).hasValue("2");
    first.kill();
    first.join(LONG);
    assertThat(pipe.left().receive(SHORT)).isEmpty();
    pipe.left().send("to whoever is left");
    second.kill();
    assertSentThenEnded(pipe.left());
    second.join(LONG);
  }

  @Test
  void endInFlightIsHeldAndThenBelongsToItsReceiver() throws Exception {
    Pipe<String> pipe = pipe();
    Pipe<PipeEnd<String>> post = YARD.get().pipes().create(END);
    ManagedProcess giver =
        YARD.get().processes().start(PipeTasks::giveAway, pipe.right(), post.right());
    assertThat(giver.join(LONG).success()).isTrue();
    assertThat(pipe.left().receive(SHORT)).isEmpty();
    PipeEnd<String> given = post.left().receive(LONG).orElseThrow();
    given.send("from the receiver");
    given.close();
    assertSentThenEnded(pipe.left(), "from the receiver");
  }

  // a peer that dies

  @Test
  void endComesAfterWhatAKilledPeerHasSent() throws Exception {
    Pipe<String> pipe = pipe();
    ManagedProcess peer =
        YARD.get().processes().start(PipeTasks::sendAndHang, pipe.right(), "last words");
    await().atMost(LONG).until(() -> pipe.left().poll());
    peer.kill();
    assertThat(peer.join(LONG).signal()).hasValue("KILL");
    assertSentThenEnded(pipe.left(), "last words");
  }

  @Test
  void endComesAfterWhatAPeerHasSentThatHalts() throws Exception {
    Pipe<String> pipe = pipe();
    ManagedProcess peer =
        YARD.get().processes().start(PipeTasks::sendAndHalt, pipe.right(), "last words", 7);
    assertSentThenEnded(pipe.left(), "last words");
    assertThat(peer.join(LONG).code()).hasValue(7);
  }

  @Test
  void endComesAfterWhatAPeerHasSentThatExits() throws Exception {
    Pipe<String> pipe = pipe();
    ManagedProcess peer =
        YARD.get().processes().start(PipeTasks::sendAndExit, pipe.right(), "last words", 0);
    assertSentThenEnded(pipe.left(), "last words");
    peer.join(LONG);
  }

  @Test
  void endComesWhenAPeerDiesThatNeverTouchedItsEnd() throws Exception {
    Pipe<String> killed = pipe();
    Pipe<String> returned = pipe();
    ManagedProcess peer = YARD.get().processes().start(PipeTasks::hangWith, killed.right());
    YARD.get().processes().start(PipeTasks::returnWith, returned.right());
    peer.kill();
    assertSentThenEnded(killed.left());
    assertSentThenEnded(returned.left());
    peer.join(LONG);
  }

  @Test
  void endComesToAChildWhenTheClientIsGoneThatCreatedThePipeAndUsedIt() throws Exception {
    Pipe<String> told = pipe();
    FunctionProcess<?> child;
    try (Forkyard client = YARD.connect()) {
      Pipe<String> pipe = client.pipes().create(String.class);
      pipe.left().send("last words");
      child = startReport(client, pipe.right(), told);
      assertThat(told.left().receive(LONG)).hasValue("begun");
    }
    assertThat(told.left().receive(LONG)).hasValue("last words, end");
    assertThat(YARD.get().processes().get(child.id()).join(LONG).success()).isTrue();
  }

  @Test
  void endComesToAChildWhenTheClientIsGoneThatNeverTouchedThePipe() throws Exception {
    Pipe<String> told = pipe();
    FunctionProcess<?> child;
    try (Forkyard client = YARD.connect()) {
      Pipe<String> pipe = client.pipes().create(String.class);
      child = startReport(client, pipe.right(), told);
      assertThat(told.left().receive(LONG)).hasValue("begun");
    }
    assertThat(told.left().receive(LONG)).hasValue(", end");
    assertThat(YARD.get().processes().get(child.id()).join(LONG).success()).isTrue();
  }

  /** A program that is no child of the daemon: sends into a pipe, gives it away, and hangs. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) throws Exception {
      Forkyard yard = Forkyard.connect(args[0]);
      Pipe<String> pipe = yard.pipes().create(String.class);
      pipe.left().send("last words");
      yard.queues().open("post", END, QueueOptions.defaults()).put(pipe.right());
      Thread.currentThread().join();
    }
  }

  @Test
  void endComesWhenAClientIsKilledThatIsNoChild() throws Exception {
    RemoteQueue<PipeEnd<String>> post =
        YARD.get().queues().open("post", END, QueueOptions.defaults());
    Process client =
        new ProcessBuilder(
                Programs.JAVA,
                "-cp",
                System.getProperty("java.class.path"),
                Client.class.getName(),
                YARD.get().address())
            .inheritIO()
            .start();
    PipeEnd<String> end = post.get(LONG).orElseThrow();
    assertThat(end.receive(LONG)).hasValue("last words");
    assertThat(end.poll()).isFalse();
    client.destroyForcibly();
    assertThat(client.waitFor()).isEqualTo(128 + 9);
    assertSentThenEnded(end);
    post.delete();
  }

  private static FunctionProcess<?> startReport(
      Forkyard client, PipeEnd<String> end, Pipe<String> told) {
    return client.processes().start(PipeTasks::report, end, told.right());
  }

  // concurrency

  @Test
  void threadsAndProcessesShareAnEndAndEachMessageHasOneReceiverUnlikePythons() throws Exception {
    Pipe<String> pipe = pipe();
    List<FunctionProcess<List<String>>> receivers =
        List.of(
            YARD.get().processes().start(PipeTasks::drainWords, pipe.right()),
            YARD.get().processes().start(PipeTasks::drainWords, pipe.right()));
    List<FutureTask<Boolean>> senders =
        IntStream.range(0, 4)
            .mapToObj(
                thread ->
                    begin(
                        () -> {
                          PipeTasks.sendWords(pipe.left(), "thread" + thread + "-", 250);
                          return true;
                        }))
            .toList();
    for (FutureTask<Boolean> sender : senders) {
      assertThat(result(sender)).isTrue();
    }
    pipe.left().close();
    List<String> all = new ArrayList<>();
    for (FunctionProcess<List<String>> receiver : receivers) {
      all.addAll(receiver.result(LONG));
    }
    assertThat(all).hasSize(1_000).doesNotHaveDuplicates();
  }

  @Test
  void peerKilledInTheMiddleOfSendingHasSentWholeMessagesUnlikePythons() throws Exception {
    Pipe<String> pipe = pipe(PipeOptions.defaults().simplex().capacityBytes(1 << 20));
    String message = "0123456789".repeat(1_000);
    ManagedProcess peer =
        YARD.get().processes().start(PipeTasks::sendForEver, pipe.right(), message);
    for (int i = 0; i < 200; i++) {
      assertThat(pipe.left().receive(LONG)).hasValue(message);
    }
    peer.kill();
    List<String> rest = PipeTasks.drain(pipe.left());
    assertThat(rest).allMatch(message::equals);
    peer.join(LONG);
  }
}
