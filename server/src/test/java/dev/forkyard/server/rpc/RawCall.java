package dev.forkyard.server.rpc;

import dev.forkyard.server.testing.TestDaemon;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A call whose messages are any bytes. */
final class RawCall {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
          return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private RawCall() {}

  /**
   * Sends messages and ends the sending; answers how the call ended, at the latest when it answers.
   */
  static StatusRuntimeException make(
      Channel channel, CallOptions options, MethodDescriptor<?, ?> method, byte[]... messages) {
    ClientCall<byte[], byte[]> call =
        channel.newCall(method.toBuilder(BYTES, BYTES).build(), options);
    CompletableFuture<StatusRuntimeException> end = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] answer) {
            end.complete(Status.OK.asRuntimeException());
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status.asRuntimeException(trailers));
          }
        },
        new Metadata());
    call.setMessageCompression(true);
    call.request(1);
    for (byte[] message : messages) {
      call.sendMessage(message);
    }
    call.halfClose();
    try {
      return end.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(method.getFullMethodName() + " was not answered", e);
    } finally {
      call.cancel("enough", null);
    }
  }
}
