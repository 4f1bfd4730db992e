package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.pipe.PipeSnapshot;
import dev.forkyard.server.pipe.Polled;
import dev.forkyard.server.pipe.Received;
import dev.forkyard.server.pipe.Side;
import dev.forkyard.v1.PipeEndInfo;
import dev.forkyard.v1.PipeInfo;
import dev.forkyard.v1.PipeSide;
import dev.forkyard.v1.PollPipeResponse;
import dev.forkyard.v1.ReceiveMessagesResponse;

/** Pipes on the wire. */
final class PipeMessages {
  private PipeMessages() {}

  /**
   * @throws Fault INVALID_ARGUMENT when it is none
   */
  static Side side(PipeSide side) {
    return switch (side) {
      case PIPE_SIDE_LEFT -> Side.LEFT;
      case PIPE_SIDE_RIGHT -> Side.RIGHT;
      case PIPE_SIDE_UNSPECIFIED, UNRECOGNIZED ->
          throw Fault.invalid("side", "side must be PIPE_SIDE_LEFT or PIPE_SIDE_RIGHT.");
    };
  }

  static PipeInfo wire(PipeSnapshot pipe) {
    return PipeInfo.newBuilder()
        .setPipeId(pipe.id())
        .setCapacityBytes(pipe.options().capacityBytes())
        .setSimplex(pipe.options().simplex())
        .setOwnerSessionId(pipe.ownerSessionId())
        .setLeft(wire(pipe.left()))
        .setRight(wire(pipe.right()))
        .build();
  }

  private static PipeEndInfo wire(PipeSnapshot.EndSnapshot end) {
    return PipeEndInfo.newBuilder()
        .setHolders(end.holders())
        .setGone(end.gone())
        .setUnreadMessages(end.unreadMessages())
        .setUnreadBytes(end.unreadBytes())
        .build();
  }

  static PollPipeResponse wire(Polled polled) {
    return PollPipeResponse.newBuilder()
        .setReadable(polled.readable())
        .setEnd(polled.end())
        .setTimedOut(polled.timedOut())
        .build();
  }

  static ReceiveMessagesResponse wire(Received received) {
    ReceiveMessagesResponse.Builder response =
        ReceiveMessagesResponse.newBuilder()
            .setTimedOut(received.timedOut())
            .setEnd(received.end());
    received.messages().forEach(message -> response.addMessages(Payloads.wire(message)));
    return response.build();
  }
}
