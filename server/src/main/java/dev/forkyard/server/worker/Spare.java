package dev.forkyard.server.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.process.BackgroundChild;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker that was started ahead. It has run a call that brings in the codec; when it is wanted,
 * it runs another one, which proves that it lives. Until then no code of a user was run in it.
 * Thread-safe; no method waits.
 */
final class Spare implements Spares.Waiting, WorkerListener {
  /** A spare that does not answer costs no more than this. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Assignment warmUp;
  private final Scheduler scheduler;
  private final Consumer<Spare> starter;
  private final Consumer<Spare> onGone;
  private final Runnable onUnfit;
  private final CompletableFuture<Boolean> warm = new CompletableFuture<>();
  private final CompletableFuture<Boolean> alive = new CompletableFuture<>();
  private final Object lock = new Object();

  /** What is there of it. */
  record Body(BackgroundChild child, JavaWorkers.Prepared prepared) {}

  @GuardedBy("lock")
  private @Nullable Body body;

  @GuardedBy("lock")
  private @Nullable WorkerLink link;

  @GuardedBy("lock")
  private @Nullable WorkerListener user;

  @GuardedBy("lock")
  private boolean discarded;

  /**
   * @param warmUp the call, whose number no other one has
   * @param starter starts its process and tells {@link #runs} or {@link #gone}
   * @param onGone told when it has ended and nobody has discarded it
   * @param onUnfit told when it cannot even do the call that makes it ready
   */
  Spare(
      Assignment warmUp,
      Scheduler scheduler,
      Consumer<Spare> starter,
      Consumer<Spare> onGone,
      Runnable onUnfit) {
    this.warmUp = warmUp;
    this.scheduler = scheduler;
    this.starter = starter;
    this.onGone = onGone;
    this.onUnfit = onUnfit;
  }

  @Override
  public void start() {
    starter.accept(this);
  }

  /** Its process runs. */
  void runs(Body newBody) {
    boolean late;
    synchronized (lock) {
      body = newBody;
      late = discarded;
    }
    if (late) {
      newBody.child().giveUp();
    }
  }

  /** Its process has ended, or could not be started. */
  void gone() {
    warm.complete(false);
    alive.complete(false);
    onGone.accept(this);
  }

  @Override
  public boolean isReady() {
    return warm.getNow(false);
  }

  @Override
  public void discard() {
    Body left;
    synchronized (lock) {
      discarded = true;
      left = body;
    }
    if (left != null) {
      left.child().giveUp();
    }
  }

  /** Answers its process when it can be given work, or null; then it is discarded. */
  CompletableFuture<@Nullable Body> wake() {
    Scheduler.Scheduled limit = scheduler.schedule(PATIENCE, this::doesNotAnswer);
    return warm.thenCompose(this::call)
        .thenApply(
            lives -> {
              limit.cancel();
              if (!lives) {
                discard();
              }
              synchronized (lock) {
                return lives ? body : null;
              }
            });
  }

  private void doesNotAnswer() {
    warm.complete(false);
    alive.complete(false);
  }

  private CompletableFuture<Boolean> call(boolean isWarm) {
    WorkerLink to;
    synchronized (lock) {
      to = link;
    }
    if (!isWarm || to == null) {
      return CompletableFuture.completedFuture(false);
    }
    to.assign(warmUp);
    return alive;
  }

  /** Who uses it from now on. */
  void serve(WorkerListener listener) {
    synchronized (lock) {
      user = listener;
    }
  }

  private @Nullable WorkerListener user() {
    synchronized (lock) {
      return user;
    }
  }

  @Override
  public void ready(WorkerLink newLink) {
    synchronized (lock) {
      link = newLink;
    }
    newLink.assign(warmUp);
  }

  @Override
  public void started(ProcessSnapshot process, Session session) {
    WorkerListener to;
    WorkerLink over;
    synchronized (lock) {
      to = user;
      over = link;
    }
    if (to != null && over != null) {
      to.started(process, session);
      to.ready(over);
    }
  }

  @Override
  public void results(Results results) {
    WorkerListener to = user();
    if (results.number() == warmUp.number()) {
      if (!warm.complete(true)) {
        alive.complete(true);
      }
    } else if (to != null) {
      to.results(results);
    }
  }

  @Override
  public void failed(int number, int index, Failure failure) {
    WorkerListener to = user();
    if (number == warmUp.number()) {
      onUnfit.run();
      doesNotAnswer();
      discard();
    } else if (to != null) {
      to.failed(number, index, failure);
    }
  }

  @Override
  public void disconnected() {
    WorkerListener to = user();
    if (to == null) {
      doesNotAnswer();
    } else {
      to.disconnected();
    }
  }

  @Override
  public void lost(WorkerDeath death) {
    WorkerListener to = user();
    if (to != null) {
      to.lost(death);
    }
  }
}
