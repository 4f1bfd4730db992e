package dev.forkyard.server.testing;

import dev.forkyard.v1.ProcessEvent;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WatchProcessesResponse;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A watch of processes by hand. */
public final class Watcher implements AutoCloseable {
  private final LinkedBlockingQueue<WatchProcessesResponse> responses = new LinkedBlockingQueue<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final Receiver receiver = new Receiver();

  /** Begins a watch that reads all that comes. */
  public Watcher(Channel channel, WatchProcessesRequest request) {
    this(channel, request, Integer.MAX_VALUE);
  }

  /** Begins a watch that reads so many messages and then waits for {@link #read}. */
  public Watcher(Channel channel, WatchProcessesRequest request, int messages) {
    receiver.first = messages;
    ProcessServiceGrpc.newStub(channel).watchProcesses(request, receiver);
  }

  public void read(int messages) {
    call().request(messages);
  }

  private ClientCallStreamObserver<WatchProcessesRequest> call() {
    ClientCallStreamObserver<WatchProcessesRequest> call = receiver.call;
    if (call == null) {
      throw new AssertionError("not begun");
    }
    return call;
  }

  /** The next message, waited for. */
  public WatchProcessesResponse next() {
    try {
      WatchProcessesResponse next =
          responses.poll(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing came; " + failure);
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The next message that tells of something, waited for. */
  public WatchProcessesResponse nextEvent() {
    List<WatchProcessesResponse> read =
        until(message -> message.getEvent() != ProcessEvent.PROCESS_EVENT_HEARTBEAT);
    return read.get(read.size() - 1);
  }

  /** All messages up to one that passes a test, with it. */
  public List<WatchProcessesResponse> until(Predicate<WatchProcessesResponse> last) {
    List<WatchProcessesResponse> read = new ArrayList<>();
    do {
      read.add(next());
    } while (!last.test(read.get(read.size() - 1)));
    return read;
  }

  /** All messages up to an event of a process. */
  public List<WatchProcessesResponse> until(ProcessEvent event, String id) {
    return until(
        message -> message.getEvent() == event && message.getProcess().getProcessId().equals(id));
  }

  /** The list at the beginning. */
  public List<WatchProcessesResponse> list() {
    return until(message -> message.getEvent() == ProcessEvent.PROCESS_EVENT_LIST_COMPLETE);
  }

  /** Why it ended, waited for. */
  public Throwable failure() {
    try {
      return failure.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    call().cancel("enough", null);
  }

  private final class Receiver
      implements ClientResponseObserver<WatchProcessesRequest, WatchProcessesResponse> {
    private int first;
    private volatile @Nullable ClientCallStreamObserver<WatchProcessesRequest> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchProcessesRequest> newCall) {
      call = newCall;
      newCall.disableAutoRequestWithInitial(first);
    }

    @Override
    public void onNext(WatchProcessesResponse response) {
      responses.add(response);
    }

    @Override
    public void onError(Throwable error) {
      failure.complete(error);
    }

    @Override
    public void onCompleted() {
      failure.complete(new AssertionError("a watch does not complete"));
    }
  }
}
