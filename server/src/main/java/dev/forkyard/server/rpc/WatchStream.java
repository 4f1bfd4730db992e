package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.process.ProcessEvent;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessWatch;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WatchProcessesResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One open WatchProcesses. It takes events only while the client reads, so nothing piles up here.
 * Thread-safe: whatever happens to it is a wish, and one turn at a time fulfils them.
 */
final class WatchStream implements OpenCalls.OpenCall {
  private static final Duration SHORTEST_HEARTBEAT = Duration.ofSeconds(1);
  private static final Duration LONGEST_HEARTBEAT = Duration.ofHours(1);
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(10);

  /** What all streams share. */
  record Context(OpenCalls open, WaiterLimit limit, Scheduler scheduler, Executor executor) {}

  private final Context context;
  private final Duration heartbeat;
  private final ProcessWatch watch;
  private final ServerCallStreamObserver<WatchProcessesResponse> observer;
  private final AtomicInteger wishes = new AtomicInteger();
  private volatile @Nullable Fault cut;
  private volatile boolean gone;
  private volatile boolean silent;

  // the following belong to the turn
  private boolean over;
  private @Nullable Scheduled timer;

  private WatchStream(
      Context context,
      ProcessManager processes,
      WatchProcessesRequest request,
      ServerCallStreamObserver<WatchProcessesResponse> observer) {
    this.context = context;
    this.heartbeat = heartbeat(request);
    this.observer = observer;
    this.watch =
        processes.watch(request.getAfterRevision(), ProcessMessages.filter(request), this::wake);
  }

  /**
   * Begins a watch.
   *
   * @throws Fault INVALID_ARGUMENT, TOO_MANY_WAITERS
   */
  static void open(
      Context context,
      ProcessManager processes,
      WatchProcessesRequest request,
      ServerCallStreamObserver<WatchProcessesResponse> observer) {
    WatchStream stream = new WatchStream(context, processes, request, observer);
    context.limit().enter();
    observer.setOnCancelHandler(stream::cancelled);
    observer.setOnReadyHandler(stream::wake);
    context.open().opened(stream);
    stream.wake();
  }

  private static Duration heartbeat(WatchProcessesRequest request) {
    if (!request.hasHeartbeat()) {
      return DEFAULT_HEARTBEAT;
    }
    Duration wanted = Times.duration("heartbeat", request.getHeartbeat());
    if (wanted.compareTo(SHORTEST_HEARTBEAT) < 0 || wanted.compareTo(LONGEST_HEARTBEAT) > 0) {
      throw Fault.invalid("heartbeat", "heartbeat must be 1 second to 1 hour.")
          .with("value", wanted);
    }
    return wanted;
  }

  @Override
  public void refuse(Fault fault) {
    cut = fault;
    wake();
  }

  private void cancelled() {
    gone = true;
    wake();
  }

  private void heartIsDue() {
    silent = true;
    wake();
  }

  private void wake() {
    if (wishes.getAndIncrement() == 0) {
      context.executor().execute(this::takeTurns);
    }
  }

  private void takeTurns() {
    int fulfilled = 1;
    do {
      turn();
      fulfilled = wishes.addAndGet(-fulfilled);
    } while (fulfilled != 0);
  }

  private void turn() {
    if (over) {
      return;
    }
    if (gone) {
      end();
      return;
    }
    try {
      Fault why = cut;
      if (why != null) {
        throw why;
      }
      send();
    } catch (Fault why) {
      end(why);
    } catch (RuntimeException bug) {
      end(Refusals.bug("WatchProcesses", bug));
    }
  }

  private void end(Fault why) {
    end();
    observer.onError(Refusals.exception(why));
  }

  private void end() {
    over = true;
    stopTimer();
    watch.close();
    context.open().answered(this);
    context.limit().left();
  }

  private void send() {
    boolean sent = false;
    while (observer.isReady()) {
      ProcessEvent event = watch.next();
      if (event != null) {
        observer.onNext(ProcessMessages.wire(event, watch.revision()));
      } else if (watch.takeListComplete()) {
        observer.onNext(ProcessMessages.listComplete(watch.revision()));
      } else {
        break;
      }
      sent = true;
    }
    if (silent && !sent && observer.isReady()) {
      observer.onNext(ProcessMessages.heartbeat(watch.revision()));
    }
    if (silent || sent || timer == null) {
      silent = false;
      stopTimer();
      timer = context.scheduler().schedule(heartbeat, this::heartIsDue);
    }
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
