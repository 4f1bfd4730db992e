package dev.forkyard.server.testing;

import static org.awaitility.Awaitility.await;

import dev.forkyard.v1.Assign;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.WorkerFrame;
import dev.forkyard.v1.WorkerServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One ConnectWorker call, by hand. */
public final class ConnectedWorker implements ClientResponseObserver<WorkerFrame, DaemonFrame> {
  private final BlockingQueue<DaemonFrame> frames = new LinkedBlockingQueue<>();
  private @Nullable ClientCallStreamObserver<WorkerFrame> call;
  private volatile @Nullable Throwable refusal;
  private volatile boolean over;

  public static ConnectedWorker open(Channel channel) {
    ConnectedWorker stream = new ConnectedWorker();
    WorkerServiceGrpc.newStub(channel).connectWorker(stream);
    return stream;
  }

  public static ConnectedWorker hello(Channel channel, String token) {
    ConnectedWorker stream = open(channel);
    stream.send(WorkerFrame.newBuilder().setHello(helloOf(token, 1)));
    return stream;
  }

  public static Hello helloOf(String token, int version) {
    return Hello.newBuilder().setToken(token).setProtocolVersion(version).build();
  }

  public void send(WorkerFrame.Builder frame) {
    Objects.requireNonNull(call).onNext(frame.build());
  }

  public void results(int number, int first, int count, String json) {
    send(
        WorkerFrame.newBuilder()
            .setResults(
                ChunkResults.newBuilder()
                    .setNumber(number)
                    .setFirst(first)
                    .setCount(count)
                    .setResults(PoolClient.json(json))));
  }

  public void failure(int number, int index, FailureKind kind) {
    send(
        WorkerFrame.newBuilder()
            .setFailure(
                CallFailure.newBuilder()
                    .setNumber(number)
                    .setIndex(index)
                    .setFailure(Failure.newBuilder().setKind(kind).setMessage("no"))));
  }

  /** The next frame, waited for. */
  public DaemonFrame frame() throws InterruptedException {
    return Objects.requireNonNull(
        frames.poll(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS), "no frame came");
  }

  public Assign assigned() throws InterruptedException {
    return frame().getAssign();
  }

  public boolean hasFrames() {
    return !frames.isEmpty();
  }

  public void awaitEnd() {
    await().atMost(TestDaemon.PATIENCE).until(() -> over);
  }

  public void leave() {
    Objects.requireNonNull(call).onCompleted();
  }

  public String awaitRefusal() {
    awaitEnd();
    StatusRuntimeException refused = (StatusRuntimeException) refusal;
    return Refusals.reason(Objects.requireNonNull(refused));
  }

  /** What it was refused with, waited for. */
  public String sentence() {
    awaitEnd();
    return String.valueOf(Status.fromThrowable(Objects.requireNonNull(refusal)).getDescription());
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WorkerFrame> itsCall) {
    call = itsCall;
  }

  @Override
  public void onNext(DaemonFrame frame) {
    frames.add(frame);
  }

  @Override
  public void onError(Throwable broken) {
    refusal = broken;
    over = true;
  }

  @Override
  public void onCompleted() {
    refusal = Status.OK.asRuntimeException();
    over = true;
  }
}
