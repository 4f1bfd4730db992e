package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.StartProcessRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final WaiterLimit waiters = new WaiterLimit(10);
  private final List<Reply<String>> carriedOut = new ArrayList<>();
  private final RequestMemory<String> memory =
      new RequestMemory<>(
          new RequestMemory.Limits(3, 10_000, Duration.ofMinutes(10)),
          scheduler.clock(),
          scheduler,
          waiters,
          new RequestMemory.Answers<>(answer -> answer + " now", String::length));

  private static StartProcessRequest request(String program) {
    return StartProcessRequest.newBuilder()
        .setCommand(CommandSpec.newBuilder().addArgv(program))
        .build();
  }

  private Recorded<String> send(String id, StartProcessRequest request) {
    Recorded<String> reply = new Recorded<>();
    memory.run(id, request, reply, carriedOut::add);
    return reply;
  }

  private Recorded<String> send(String id) {
    return send(id, request("true"));
  }

  @Test
  void repeatedRequestIsAnsweredAndNotCarriedOut() {
    Recorded<String> first = send("r");
    carriedOut.get(0).answer("done");
    assertThat(first.outcome()).isCompletedWithValue("done");
    assertThat(send("r").outcome()).isCompletedWithValue("done now");
    assertThat(carriedOut).hasSize(1);
  }

  @Test
  void requestWithoutIdIsAlwaysCarriedOut() {
    send("");
    send("");
    assertThat(carriedOut).hasSize(2);
  }

  @Test
  void duplicateJoinsTheRequestThatIsUnderWayEvenIfItsCallerIsGone() {
    Recorded<String> first = send("r");
    Recorded<String> second = send("r");
    first.goAway();
    assertThat(waiters.waiting()).isEqualTo(1);
    carriedOut.get(0).answer("done");
    assertThat(second.outcome()).isCompletedWithValue("done");
    assertThat(waiters.waiting()).isZero();
    assertThat(send("r").outcome()).isCompletedWithValue("done now");
    assertThat(carriedOut).hasSize(1);
  }

  @Test
  void duplicateThatGoesAwayWaitsNoMore() {
    send("r");
    send("r").goAway();
    assertThat(waiters.waiting()).isZero();
  }

  @Test
  void operationIsEndedWhenTheLastWhoSentItIsGone() {
    Recorded<String> first = send("r");
    Recorded<String> second = send("r");
    carriedOut.get(0).whenGone(() -> carriedOut.get(0).refuse(cancelled()));
    first.goAway();
    assertThat(second.outcome()).isNotDone();
    second.goAway();
    assertThat(first.outcome()).isCompletedExceptionally();
    assertThat(waiters.waiting()).isZero();
    send("r");
    assertThat(carriedOut).as("nothing is remembered").hasSize(2);
  }

  @Test
  void operationThatCannotBeEndedAnyMoreIsRemembered() {
    Recorded<String> first = send("r");
    carriedOut.get(0).whenGone(() -> {});
    first.goAway();
    carriedOut.get(0).answer("done");
    assertThat(send("r").outcome()).isCompletedWithValue("done now");
  }

  @Test
  void whoSendsARequestWhileItIsEndedHasItCarriedOutAgain() {
    Recorded<String> first = send("r");
    List<Recorded<String>> retries = new ArrayList<>();
    carriedOut
        .get(0)
        .whenGone(
            () -> {
              retries.add(send("r"));
              carriedOut.get(0).refuse(cancelled());
            });
    first.goAway();
    assertThat(carriedOut).hasSize(2);
    carriedOut.get(1).answer("done");
    assertThat(retries.get(0).outcome()).isCompletedWithValue("done");
  }

  private static Fault cancelled() {
    return new Fault(Reason.CALL_CANCELLED, "Gone.");
  }

  @Test
  void refusalIsToldToAllAndNotRemembered() {
    Recorded<String> first = send("r");
    Recorded<String> second = send("r");
    carriedOut.get(0).refuse(new Fault(Reason.SPAWN_FAILED, "No."));
    assertThat(first.outcome()).isCompletedExceptionally();
    assertThat(second.outcome()).isCompletedExceptionally();
    send("r");
    assertThat(carriedOut).hasSize(2);
  }

  @Test
  void otherRequestUnderTheSameIdIsRefused() {
    send("r");
    assertReused(() -> send("r", request("false")));
    carriedOut.get(0).answer("done");
    assertReused(() -> send("r", request("false")));
  }

  private static void assertReused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThat(catchThrowableOfType(Fault.class, call).reason())
        .isEqualTo(Reason.REQUEST_ID_REUSED);
  }

  @Test
  void orderOfAMapMakesNoOtherRequest() {
    Map<String, String> upwards = new TreeMap<>(Map.of("a", "1", "b", "2"));
    Map<String, String> downwards = new TreeMap<>(upwards).descendingMap();
    send("r", request("true").toBuilder().putAllLabels(upwards).build());
    send("r", request("true").toBuilder().putAllLabels(downwards).build());
    assertThat(carriedOut).hasSize(1);
  }

  @Test
  void memoryIsBoundedInTimeNumberAndBytes() {
    for (int i = 0; i < 4; i++) {
      send("r" + i);
      carriedOut.get(i).answer("done");
    }
    send("r0");
    assertThat(carriedOut).as("the oldest of four is forgotten").hasSize(5);
    scheduler.pass(Duration.ofMinutes(10));
    send("r3");
    assertThat(carriedOut).as("after ten minutes").hasSize(6);
    carriedOut.get(5).answer("done");
    send("large");
    carriedOut.get(6).answer("x".repeat(10_000));
    send("r3");
    assertThat(carriedOut).as("a large answer takes the room").hasSize(8);
  }

  @Test
  void idIsBounded() {
    assertThat(catchThrowableOfType(Fault.class, () -> send("ä".repeat(65))).reason())
        .isEqualTo(Reason.INVALID_ARGUMENT);
  }
}
