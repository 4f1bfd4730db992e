package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import dev.forkyard.server.pool.PoolModel.ModelCall;
import dev.forkyard.server.pool.PoolModel.Tag;
import dev.forkyard.server.worker.Assignment;
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
    if (current == null || model.chance(2)) {
      model.note(fake.id + " dies between calls");
      fake.dies();
      return;
    }
    ModelCall its = call(current, call);
    model.note(fake.id + " dies in " + its);
    if (its != null) {
      its.begun++;
      its.deaths++;
    }
    fake.diesIn(current.number(), call);
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
