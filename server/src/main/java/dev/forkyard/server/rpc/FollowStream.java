package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.process.FollowRequest;
import dev.forkyard.server.process.FollowedPiece;
import dev.forkyard.server.process.OutputFollower;
import dev.forkyard.server.process.ProcessIo;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.FollowOutputResponse;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/** One FollowOutput call. */
final class FollowStream implements OutputFollower.Taker {
  private final boolean asText;
  private final AnswerStream<FollowOutputResponse> answers;
  private volatile @Nullable OutputFollower follower;

  private FollowStream(
      OpenCalls open, boolean asText, ServerCallStreamObserver<FollowOutputResponse> observer) {
    this.asText = asText;
    this.answers = new AnswerStream<>(open, observer, this::advance);
  }

  static void begin(
      OpenCalls open,
      ProcessIo io,
      FollowOutputRequest wire,
      ServerCallStreamObserver<FollowOutputResponse> observer) {
    FollowStream stream = new FollowStream(open, wire.getAsText(), observer);
    stream.answers.begin();
    try {
      stream.follow(io, OutputPieces.request(wire));
    } catch (Fault fault) {
      stream.refuse(fault);
    } catch (RuntimeException bug) {
      stream.refuse(Refusals.bug("FollowOutput", bug));
    }
  }

  private void follow(ProcessIo io, FollowRequest request) {
    OutputFollower mine = io.follow(request, this);
    follower = mine;
    answers.whenOver(mine::close);
    mine.advance(); // the client may have become ready before it was known
  }

  private void advance() {
    OutputFollower mine = follower;
    if (mine != null) {
      mine.advance();
    }
  }

  @Override
  public boolean isReady() {
    return answers.isReady();
  }

  @Override
  public void take(FollowedPiece piece) {
    answers.send(
        FollowOutputResponse.newBuilder().setOutput(OutputPieces.wire(piece, asText)).build());
  }

  @Override
  public void complete() {
    answers.complete();
  }

  @Override
  public void refuse(Fault fault) {
    answers.refuse(fault);
  }
}
