package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.v1.PingReply;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;

/** The operations of a session stream, by their calls. */
record SessionOperations(HotOperations operations) {

  /**
   * Starts the operation of a call.
   *
   * @throws Fault when it is refused at once
   */
  void start(SessionCall call, Caller caller, Reply<SessionReply.Builder> reply) {
    switch (call.getCallCase()) {
      case PUT_ITEMS ->
          operations.putItems(call.getPutItems(), reply.from(a -> reply().setPutItems(a)));
      case TAKE_ITEMS ->
          operations.takeItems(
              call.getTakeItems(), caller, reply.from(a -> reply().setTakeItems(a)));
      case ACK_ITEMS ->
          operations.ackItems(call.getAckItems(), reply.from(a -> reply().setAckItems(a)));
      case RELEASE_ITEMS ->
          operations.releaseItems(
              call.getReleaseItems(), reply.from(a -> reply().setReleaseItems(a)));
      case SEND_MESSAGES ->
          operations.sendMessages(
              call.getSendMessages(), caller, reply.from(a -> reply().setSendMessages(a)));
      case RECEIVE_MESSAGES ->
          operations.receiveMessages(
              call.getReceiveMessages(), caller, reply.from(a -> reply().setReceiveMessages(a)));
      case POLL_PIPE ->
          operations.pollPipe(call.getPollPipe(), caller, reply.from(a -> reply().setPollPipe(a)));
      case PING -> reply.answer(reply().setPing(PingReply.getDefaultInstance()));
      case PEEK_ITEMS ->
          operations.peekItems(call.getPeekItems(), reply.from(a -> reply().setPeekItems(a)));
      case EXTEND_LEASES ->
          operations.extendLeases(
              call.getExtendLeases(), reply.from(a -> reply().setExtendLeases(a)));
      case WAIT_DRAINED ->
          operations.waitDrained(call.getWaitDrained(), reply.from(a -> reply().setWaitDrained(a)));
      case OPEN, CANCEL -> throw new IllegalArgumentException("the stream itself does this");
      case CALL_NOT_SET ->
          throw Fault.invalid(
              "call", "The call holds no operation that this daemon knows; set one of them.");
    }
  }

  private static SessionReply.Builder reply() {
    return SessionReply.newBuilder();
  }
}
