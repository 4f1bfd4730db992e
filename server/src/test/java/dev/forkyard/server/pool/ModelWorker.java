package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import dev.forkyard.server.pool.PoolModel.ModelCall;
import dev.forkyard.server.pool.PoolModel.Tag;
import dev.forkyard.server.worker.Assignment;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A worker of a {@link PoolModel}: runs what it has in order, or does not. */
final class ModelWorker {
  private final PoolModel model;
  private final FakeWorker fake;
  boolean dead;
  private boolean runs;
  private boolean saidHello;

  /** The assignment that it runs, and the call of it. */
  private int position;

  private int call;
  private @Nullable Assignment lastAnswered;
  private int lastCall;
  private Instant lastAnswer = Instant.MIN;

  ModelWorker(PoolModel model, FakeWorker fake) {
    this.model = model;
    this.fake = fake;
  }

  private @Nullable Assignment current() {
    if (position >= fake.assigned.size()) {
      return null;
    }
    Assignment assignment = fake.assigned.get(position);
    call = Math.max(call, assignment.first());
    return assignment;
  }

  boolean hasWork() {
    Assignment current = current();
    return current != null && run(current) >= 0;
  }

  private static int run(Assignment assignment) {
    return ((Tag) assignment.arguments()).run();
  }

  /** The call that it runs; null for the initializer. */
  private @Nullable ModelCall call(Assignment assignment, int index) {
    Tag tag = (Tag) assignment.arguments();
    return tag.run() < 0 ? null : model.run(tag.run()).call(tag.chunk(), index);
  }

  /** It gets no other chunk when it has had its number of calls, and chunks are not torn for it. */
  void checkCalls(int most) {
    int given = 0;
    for (Assignment assignment : fake.assigned) {
      if (run(assignment) >= 0) {
        assertThat(given).as("calls of %s before another chunk", fake.id).isLessThan(most);
        assertThat(assignment.count()).isEqualTo(((Tag) assignment.arguments()).count());
        given += assignment.count() - assignment.first();
      }
    }
    assertThat(given < most || fake.orders.contains("drain"))
        .as("%s is to leave", fake.id)
        .isTrue();
  }

  /** The call that it has first is answered, or dies with it: that has run until now. */
  private void ends(Assignment current) {
    ModelCall its = call(current, call);
    if (its != null) {
      Instant assigned = fake.assignedAt.get(position);
      Instant begun = assigned.isAfter(lastAnswer) ? assigned : lastAnswer;
      its.ran = Duration.between(begun, model.now());
    }
    lastAnswer = model.now();
  }

  void act() {
    Assignment current = current();
    if (!runs || !saidHello) {
      begin();
    } else if (model.chance(12)) {
      die(current);
    } else if (current != null) {
      workOn(current);
    } else if (fake.stop != null || fake.orders.contains("drain")) {
      leave();
    } else if (lastAnswered != null) {
      fake.returns(lastAnswered.number(), lastCall, 1); // once more, as from a journal
    }
  }

  private void begin() {
    if (model.chance(20)) {
      model.note(fake.id + " cannot be started");
      dead = true;
      fake.slot.notStarted(new Fault(Reason.SPAWN_FAILED, "No room."));
    } else if (!runs && (saidHello || model.chance(2))) {
      runs = true;
      fake.runs();
    } else if (!saidHello) {
      saidHello = true;
      fake.saysHello();
    }
  }

  private void workOn(Assignment current) {
    if (isCancelled(current) && model.chance(2)) {
      answer(current, 1, Kind.CANCELLED);
    } else if (model.chance(8)) {
      answer(current, 1, Kind.TASK_ERROR);
    } else {
      answer(current, 1 + model.random.nextInt(current.count() - call), null);
    }
  }

  private boolean isCancelled(Assignment current) {
    String all = "cancel " + current.number() + " *";
    String one = "cancel " + current.number() + " " + call + " running";
    return fake.orders.stream().anyMatch(order -> order.startsWith(all) || order.equals(one));
  }

  private void answer(Assignment current, int calls, @Nullable Kind failure) {
    ends(current);
    int first = call;
    for (int i = first; i < first + calls; i++) {
      ModelCall its = call(current, i);
      if (its != null) {
        its.begun++;
        its.threw |= failure == Kind.TASK_ERROR;
      }
    }
    model.note(fake.id + " " + (failure == null ? calls + " results" : failure) + " " + first);
    goOn(current, calls);
    lastAnswered = failure == null ? current : lastAnswered;
    lastCall = failure == null ? first : lastCall;
    if (failure == null) {
      fake.returns(current.number(), first, calls);
    } else {
      fake.fails(current.number(), first, failure);
    }
  }

  private void goOn(Assignment current, int calls) {
    call += calls;
    if (call == current.count()) {
      position++;
      call = 0;
    }
  }

  private void die(@Nullable Assignment current) {
    dead = true;
    if (current != null) {
      ends(current);
    }
    if (current == null || model.chance(2)) {
      model.note(fake.id + " dies between calls");
      suspect(current == null ? null : call(current, call));
      fake.dies();
      return;
    }
    ModelCall its = call(current, call);
    model.note(fake.id + " dies in " + its);
    if (its != null && fake.stop != null && model.retryLost() > 0) {
      its.spared++;
    } else if (its != null) {
      its.begun++;
      its.deaths++;
    }
    fake.diesIn(current.number(), call);
  }

  private void suspect(@Nullable ModelCall next) {
    if (next != null && fake.stop == null) {
      next.unbegun++;
    }
  }

  private void leave() {
    model.note(fake.id + " leaves");
    dead = true;
    fake.dies();
  }

  /** Does what it should. */
  void finish() {
    Assignment current = current();
    if (!runs) {
      runs = true;
      fake.runs();
    } else if (!saidHello) {
      saidHello = true;
      fake.saysHello();
    } else if (fake.stop != null) {
      die(current);
    } else if (current != null) {
      answer(current, current.count() - call, null);
    } else if (fake.orders.contains("drain")) {
      leave();
    }
  }
}
