package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import io.grpc.Attributes;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests that cannot be parsed or are too large, in words. The library alone would answer
 * UNKNOWN and log a stack trace.
 */
final class StrictRequests {
  private final int mostBytes;

  StrictRequests(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  ServerServiceDefinition around(ServerServiceDefinition service) {
    ServiceDescriptor plain = service.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(plain.getName())
            .setSchemaDescriptor(plain.getSchemaDescriptor());
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      ServerMethodDefinition<?, ?> strict = strict(method);
      descriptor.addMethod(strict.getMethodDescriptor());
      methods.add(strict);
    }
    ServerServiceDefinition.Builder strict = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(strict::addMethod);
    return strict.build();
  }

  private <Q, A> ServerMethodDefinition<Parsed<Q>, A> strict(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> plain = method.getMethodDescriptor();
    MethodDescriptor<Parsed<Q>, A> strict =
        plain.toBuilder(
                new StrictMarshaller<>(plain.getRequestMarshaller()), plain.getResponseMarshaller())
            .build();
    return ServerMethodDefinition.create(
        strict, new StrictHandler<>(plain, method.getServerCallHandler()));
  }

  /** A request, or why it is none; exactly one is there. */
  private record Parsed<Q>(@Nullable Q request, @Nullable Fault fault) {}

  /** Parses requests, and answers rather than throws when that fails. */
  private final class StrictMarshaller<Q> implements MethodDescriptor.Marshaller<Parsed<Q>> {
    private final MethodDescriptor.Marshaller<Q> marshaller;

    StrictMarshaller(MethodDescriptor.Marshaller<Q> marshaller) {
      this.marshaller = marshaller;
    }

    @Override
    public InputStream stream(Parsed<Q> parsed) {
      throw new UnsupportedOperationException("the daemon sends no requests");
    }

    @Override
    public Parsed<Q> parse(InputStream stream) {
      try {
        int bytes = stream instanceof KnownLength ? stream.available() : 0;
        return bytes > mostBytes
            ? new Parsed<>(null, tooLarge(bytes))
            : new Parsed<>(marshaller.parse(stream), null);
      } catch (StatusRuntimeException | IOException malformed) {
        return new Parsed<>(null, malformed());
      }
    }
  }

  private Fault tooLarge(int bytes) {
    return new Fault(
            Reason.MESSAGE_TOO_LARGE,
            "The request has "
                + bytes
                + " bytes; the daemon takes "
                + mostBytes
                + ". Send less at a time, or pass large data by file.")
        .with("bytes", bytes)
        .with("limit", mostBytes);
  }

  private static Fault malformed() {
    return new Fault(
        Reason.MALFORMED_REQUEST,
        "The request cannot be parsed; check that the client was generated from this daemon's"
            + " protos.");
  }

  /** Passes parsed requests on, and refuses the others. */
  private record StrictHandler<Q, A>(MethodDescriptor<Q, A> method, ServerCallHandler<Q, A> handler)
      implements ServerCallHandler<Parsed<Q>, A> {

    @Override
    public ServerCall.Listener<Parsed<Q>> startCall(
        ServerCall<Parsed<Q>, A> call, Metadata headers) {
      return new StrictListener<>(call, handler.startCall(new PlainCall<>(call, method), headers));
    }
  }

  /** The call as its handler knows it. */
  private static final class PlainCall<Q, A> extends ServerCall<Q, A> {
    private final ServerCall<?, A> call;
    private final MethodDescriptor<Q, A> method;

    PlainCall(ServerCall<?, A> call, MethodDescriptor<Q, A> method) {
      this.call = call;
      this.method = method;
    }

    @Override
    public void request(int messages) {
      call.request(messages);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      call.sendHeaders(headers);
    }

    @Override
    public void sendMessage(A message) {
      call.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      call.close(status, trailers);
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }

    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public void setMessageCompression(boolean enabled) {
      call.setMessageCompression(enabled);
    }

    @Override
    public void setCompression(String compressor) {
      call.setCompression(compressor);
    }

    @Override
    public Attributes getAttributes() {
      return call.getAttributes();
    }

    @Override
    public @Nullable String getAuthority() {
      return call.getAuthority();
    }

    @Override
    public MethodDescriptor<Q, A> getMethodDescriptor() {
      return method;
    }
  }

  private static final class StrictListener<Q, A> extends ServerCall.Listener<Parsed<Q>> {
    private final ServerCall<Parsed<Q>, A> call;
    private final ServerCall.Listener<Q> listener;
    private boolean refused;

    StrictListener(ServerCall<Parsed<Q>, A> call, ServerCall.Listener<Q> listener) {
      this.call = call;
      this.listener = listener;
    }

    @Override
    public void onMessage(Parsed<Q> parsed) {
      if (parsed.fault() != null) {
        refuse(parsed.fault());
      } else if (parsed.request() != null && !refused) {
        listener.onMessage(parsed.request());
      }
    }

    private void refuse(Fault fault) {
      if (refused) {
        return;
      }
      refused = true;
      StatusRuntimeException refusal = Refusals.exception(fault);
      Metadata trailers = refusal.getTrailers();
      call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
      listener.onCancel();
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        listener.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      if (!refused) {
        listener.onCancel();
      }
    }

    @Override
    public void onComplete() {
      if (!refused) {
        listener.onComplete();
      }
    }

    @Override
    public void onReady() {
      if (!refused) {
        listener.onReady();
      }
    }
  }
}
