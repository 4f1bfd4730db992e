package dev.forkyard.server.rpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.WorkerFrame;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;
import java.util.logging.Logger;

/** One connection of a worker that speaks in frames. Runs on the event loop. */
final class WorkerFrameHandler extends SimpleChannelInboundHandler<ByteBuf>
    implements WorkerConversation.Carrier {
  private static final Logger log = Logger.getLogger(WorkerFrameHandler.class.getName());

  private final Channel channel;
  private final WorkerConversation conversation;

  WorkerFrameHandler(Channel channel, Workers workers, Scheduler scheduler) {
    this.channel = channel;
    this.conversation = new WorkerConversation(this, workers, scheduler);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
    try {
      WorkerFrame frame = WorkerFrame.parseFrom(bytes.nioBuffer());
      Burst.during(() -> conversation.accept(frame));
    } catch (InvalidProtocolBufferException | Fault malformed) {
      log.warning("a worker sent a bad frame and was disconnected: " + malformed.getMessage());
      close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    conversation.ended();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.warning("the connection of a worker failed: " + cause);
    }
    close();
  }

  @Override
  public void send(DaemonFrame frame) {
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
