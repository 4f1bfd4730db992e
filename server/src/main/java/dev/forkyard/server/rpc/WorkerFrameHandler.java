package dev.forkyard.server.rpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.Worker;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.Assign;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.Cancel;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Drain;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.WorkerFrame;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One connection of a worker. Runs on the event loop; as a link it may be used on every thread. */
final class WorkerFrameHandler extends SimpleChannelInboundHandler<ByteBuf> implements WorkerLink {
  private static final Logger log = Logger.getLogger(WorkerFrameHandler.class.getName());
  private static final int PROTOCOL_VERSION = 1;
  private static final long HELLO_SECONDS = 30;

  private final Channel channel;
  private final Workers workers;
  private final Future<?> helloTimer;
  private @Nullable Worker worker;

  WorkerFrameHandler(Channel channel, Workers workers) {
    this.channel = channel;
    this.workers = workers;
    this.helloTimer = channel.eventLoop().schedule(this::close, HELLO_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
    try {
      WorkerFrame frame = WorkerFrame.parseFrom(bytes.nioBuffer());
      Burst.during(() -> accept(frame));
    } catch (InvalidProtocolBufferException | Fault malformed) {
      log.warning(
          "a worker sent a malformed frame and was disconnected: " + malformed.getMessage());
      close();
    }
  }

  private void accept(WorkerFrame frame) {
    Worker known = worker;
    if (known == null) {
      greet(frame);
      return;
    }
    switch (frame.getMessageCase()) {
      case RESULTS -> known.results(results(frame.getResults()));
      case FAILURE -> {
        CallFailure failure = frame.getFailure();
        known.failed(
            failure.getNumber(), failure.getIndex(), FailureMessages.of(failure.getFailure()));
      }
      case HELLO, MESSAGE_NOT_SET -> {
        log.warning("a worker sent " + frame.getMessageCase() + " and was disconnected");
        close();
      }
    }
  }

  private static Results results(ChunkResults results) {
    return new Results(
        results.getNumber(),
        results.getFirst(),
        results.getCount(),
        Payloads.of(results.getResults()));
  }

  private void greet(WorkerFrame frame) {
    helloTimer.cancel(false);
    Hello hello = frame.getHello();
    boolean welcome = false;
    if (hello.getProtocolVersion() == PROTOCOL_VERSION) {
      worker = workers.claim(hello.getToken());
      welcome = worker != null && worker.connected(this);
    }
    if (!welcome) {
      log.warning("a worker without a valid token or version was disconnected");
      close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    helloTimer.cancel(false);
    if (worker != null) {
      worker.disconnected();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.warning("the connection of a worker failed: " + cause);
    }
    close();
  }

  @Override
  public void assign(Assignment assignment) {
    Assign assign =
        Assign.newBuilder()
            .setNumber(assignment.number())
            .setFunction(FunctionMessages.wire(assignment.function()))
            .setFirst(assignment.first())
            .setCount(assignment.count())
            .setArguments(Payloads.wire(assignment.arguments()))
            .build();
    send(DaemonFrame.newBuilder().setAssign(assign).build());
  }

  @Override
  public void cancel(int number, int index, boolean running) {
    Cancel.Builder cancel = Cancel.newBuilder().setNumber(number).setRunning(running);
    if (index != EVERY_CALL) {
      cancel.setIndex(index);
    }
    send(DaemonFrame.newBuilder().setCancel(cancel).build());
  }

  @Override
  public void drain() {
    send(DaemonFrame.newBuilder().setDrain(Drain.getDefaultInstance()).build());
  }

  private void send(DaemonFrame frame) {
    int length = frame.getSerializedSize();
    byte[] bytes = new byte[Integer.BYTES + length];
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeFixed32NoTag(Integer.reverseBytes(length)); // it writes the lowest byte first
      frame.writeTo(out);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    // a write that fails ends nothing: what the worker sent before is still to be read
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  @Override
  public void close() {
    channel.close();
  }
}
