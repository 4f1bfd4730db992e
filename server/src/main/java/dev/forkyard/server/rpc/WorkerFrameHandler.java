package dev.forkyard.server.rpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.WorkerFrame;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One connection of a worker that speaks in frames. Runs on the event loop. */
final class WorkerFrameHandler extends SimpleChannelInboundHandler<ByteBuf>
    implements WorkerConversation.Carrier {
  private static final Logger log = Logger.getLogger(WorkerFrameHandler.class.getName());

  private final Channel channel;
  private final int pid;
  private final WorkerConversation conversation;

  WorkerFrameHandler(Channel channel, Workers workers, Scheduler scheduler) {
    this.channel = channel;
    this.pid = pid(channel);
    this.conversation = new WorkerConversation(this, workers, pid, scheduler);
  }

  /** The process that connected, as the kernel says; 0 when it does not. */
  private static int pid(Channel channel) {
    try {
      return channel instanceof EpollDomainSocketChannel socket
          ? socket.peerCredentials().pid()
          : 0;
    } catch (IOException gone) {
      return 0;
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
    try {
      WorkerFrame frame = WorkerFrame.parseFrom(bytes.nioBuffer());
      Burst.during(() -> conversation.accept(frame));
    } catch (InvalidProtocolBufferException malformed) {
      conversation.refuse(
          new Fault(
              Reason.MALFORMED_REQUEST,
              "A frame is no WorkerFrame; send its length in 4 bytes, the highest first, and then"
                  + " the message."));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    conversation.ended();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof TooLongFrameException) {
      conversation.refuse(tooLong());
      return;
    }
    if (!(cause instanceof IOException)) {
      log.log(Level.WARNING, "the connection of a worker failed", cause);
    }
    close();
  }

  private static Fault tooLong() {
    return new Fault(
            Reason.MESSAGE_TOO_LARGE,
            "A frame has more than "
                + WorkerFrameServer.MOST_FRAME_BYTES
                + " bytes; send less at a time, or pass large data by file.")
        .with("limit", WorkerFrameServer.MOST_FRAME_BYTES);
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

  /** There is no frame for a refusal; the log says it, and the failure of the worker's call. */
  @Override
  public void refuse(Fault fault, String processId) {
    // who is not known may be a worker that was stopped while it said hello
    boolean known = !processId.isEmpty();
    log.log(
        known ? Level.WARNING : Level.INFO,
        () ->
            "worker "
                + (known ? processId : "that nobody knows")
                + " (pid "
                + pid
                + ") broke the protocol and was disconnected: "
                + fault.sentence());
    channel.close();
  }
}
