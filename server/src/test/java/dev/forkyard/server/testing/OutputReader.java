package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.FollowOutputResponse;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceStub;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A FollowOutput call that takes pieces when a test says so, and checks that each begins where the
 * one before it ended, or says how many bytes are missing between them.
 */
public final class OutputReader {
  private static final int KEPT_BYTES = 1 << 20;

  private final Map<OutputStream, Stream> streams = new EnumMap<>(OutputStream.class);
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private volatile @Nullable ClientCallStreamObserver<FollowOutputRequest> call;
  private volatile boolean greedy;

  /** What came of one stream. */
  public static final class Stream {
    private final MessageDigest digest = sha256();
    private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    private long cursor = -1;
    private long bytes;
    private long dropped;
    private boolean ended;

    private synchronized void add(OutputPiece piece) {
      byte[] data =
          piece.hasText()
              ? piece.getText().getBytes(StandardCharsets.UTF_8)
              : piece.getData().toByteArray();
      assertThat(ended).as("nothing after the end").isFalse();
      if (cursor >= 0) {
        assertThat(piece.getCursor()).isEqualTo(cursor + piece.getDroppedBytes());
      }
      assertThat(data.length).isLessThanOrEqualTo(64 << 10);
      digest.update(data);
      if (beginning.size() < KEPT_BYTES) {
        beginning.writeBytes(data);
      }
      cursor = piece.getNextCursor();
      bytes += data.length;
      dropped += piece.getDroppedBytes();
      ended = piece.getEnd();
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }

    public synchronized String checksum() {
      return HexFormat.of().formatHex(digest.digest());
    }

    /** The first of it, as text. */
    public synchronized String text() {
      return beginning.toString(StandardCharsets.UTF_8);
    }

    public synchronized long bytes() {
      return bytes;
    }

    public synchronized long dropped() {
      return dropped;
    }

    public synchronized long cursor() {
      return cursor;
    }

    public synchronized boolean isEnded() {
      return ended;
    }
  }

  private OutputReader() {
    streams.put(OutputStream.OUTPUT_STREAM_STDOUT, new Stream());
    streams.put(OutputStream.OUTPUT_STREAM_STDERR, new Stream());
  }

  /** Follows, and takes everything that comes. */
  public static OutputReader follow(Channel channel, FollowOutputRequest request) {
    OutputReader reader = hesitate(channel, request);
    reader.takeAll();
    return reader;
  }

  /** Follows, and takes nothing yet. */
  public static OutputReader hesitate(Channel channel, FollowOutputRequest request) {
    return hesitate(ProcessServiceGrpc.newStub(channel), request);
  }

  public static OutputReader hesitate(ProcessServiceStub stub, FollowOutputRequest request) {
    OutputReader reader = new OutputReader();
    stub.followOutput(request, reader.new Pieces());
    return reader;
  }

  /** From now on takes everything that comes. */
  public void takeAll() {
    greedy = true;
    Objects.requireNonNull(call).request(1);
  }

  public Stream stdout() {
    return Objects.requireNonNull(streams.get(OutputStream.OUTPUT_STREAM_STDOUT));
  }

  public Stream stderr() {
    return Objects.requireNonNull(streams.get(OutputStream.OUTPUT_STREAM_STDERR));
  }

  /** Waits until standard output has come up to a place. */
  public void awaitBytes(long count) {
    await().atMost(TestDaemon.PATIENCE).until(() -> stdout().bytes() >= count || end.isDone());
    assertThat(stdout().bytes()).isGreaterThanOrEqualTo(count);
  }

  /** Waits for the end in order. */
  public OutputReader awaitEnd() {
    assertThat(status()).isEqualTo(Status.OK);
    return this;
  }

  /** How the call ended, waited for. */
  public Status status() {
    try {
      return end.get(10 * TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Why the call was refused, waited for. */
  public Throwable failure() {
    status();
    return failure.getNow(new AssertionError("it was not refused"));
  }

  public void cancel() {
    Objects.requireNonNull(call).cancel("the test says so", null);
  }

  private final class Pieces
      implements ClientResponseObserver<FollowOutputRequest, FollowOutputResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<FollowOutputRequest> stream) {
      call = stream;
      stream.disableAutoRequestWithInitial(0);
    }

    @Override
    public void onNext(FollowOutputResponse response) {
      OutputPiece piece = response.getOutput();
      Objects.requireNonNull(streams.get(piece.getStream())).add(piece);
      if (greedy) {
        Objects.requireNonNull(call).request(1);
      }
    }

    @Override
    public void onError(Throwable error) {
      failure.complete(error);
      end.complete(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }
}
