package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
import java.io.ByteArrayInputStream;
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
  /**
   * A message of a worker. More than {@link ResultLimit#MOST_BYTES}, so that a call that returns
   * more than it may fails in words, and its worker goes on.
   */
  static final int MOST_WORKER_BYTES = 32 << 20;

  private final int mostBytes;
  private final String workerService;

  /**
   * @param mostBytes of a request
   * @param workerService name of the service whose requests may have {@link #MOST_WORKER_BYTES}
   */
  StrictRequests(int mostBytes, String workerService) {
    this.mostBytes = mostBytes;
    this.workerService = workerService;
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
                new StrictMarshaller<>(plain.getRequestMarshaller(), limit(plain)),
                plain.getResponseMarshaller())
            .build();
    return ServerMethodDefinition.create(
        strict, new StrictHandler<>(plain, method.getServerCallHandler()));
  }

  private int limit(MethodDescriptor<?, ?> method) {
    return workerService.equals(method.getServiceName()) ? MOST_WORKER_BYTES : mostBytes;
  }

  /** A request, or why it is none; exactly one is there. */
  private record Parsed<Q>(@Nullable Q request, @Nullable Fault fault) {}

  /** Parses requests, and answers rather than throws when that fails. */
  private static final class StrictMarshaller<Q> implements MethodDescriptor.Marshaller<Parsed<Q>> {
    private final MethodDescriptor.Marshaller<Q> marshaller;
    private final int mostBytes;

    StrictMarshaller(MethodDescriptor.Marshaller<Q> marshaller, int mostBytes) {
      this.marshaller = marshaller;
      this.mostBytes = mostBytes;
    }

    @Override
    public InputStream stream(Parsed<Q> parsed) {
      throw new UnsupportedOperationException("the daemon sends no requests");
    }

    @Override
    public Parsed<Q> parse(InputStream stream) {
      try {
        if (stream instanceof KnownLength) {
          int bytes = stream.available();
          return bytes > mostBytes ? tooLarge(bytes) : parsed(stream);
        }
        // compressed: its length is known when it was read
        byte[] bytes = stream.readNBytes(mostBytes + 1);
        return bytes.length > mostBytes
            ? tooLarge(bytes.length)
            : parsed(new ByteArrayInputStream(bytes));
      } catch (StatusRuntimeException | IOException malformed) {
        return new Parsed<>(null, malformed());
      }
    }

    private Parsed<Q> parsed(InputStream stream) {
      return new Parsed<>(marshaller.parse(stream), null);
    }

    private Parsed<Q> tooLarge(int bytes) {
      return new Parsed<>(null, StrictRequests.tooLarge(bytes, mostBytes));
    }
  }

  private static Fault tooLarge(int bytes, int mostBytes) {
    return new Fault(
            Reason.MESSAGE_TOO_LARGE,
            "The request has "
                + bytes
                + " bytes or more; the daemon takes "
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
      PlainCall<Q, A> plain = new PlainCall<>(call, method);
      return new StrictListener<>(plain, handler.startCall(plain, headers));
    }
  }

  private static Fault missing() {
    return new Fault(
        Reason.MALFORMED_REQUEST,
        "The call ended without a request; send one message, which may be empty.");
  }

  /**
   * The call as its handler knows it. Once it was refused, what the handler still sends goes
   * nowhere.
   */
  private static final class PlainCall<Q, A> extends ServerCall<Q, A> {
    private final ServerCall<?, A> call;
    private final MethodDescriptor<Q, A> method;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private boolean refused;

    @GuardedBy("lock")
    private boolean closed;

    PlainCall(ServerCall<?, A> call, MethodDescriptor<Q, A> method) {
      this.call = call;
      this.method = method;
    }

    @Override
    public void request(int messages) {
      call.request(messages);
    }

    /** Ends the call; false when that was done before. */
    boolean refuse(Fault fault) {
      StatusRuntimeException refusal = Refusals.exception(fault);
      Metadata trailers = refusal.getTrailers();
      synchronized (lock) {
        if (refused || closed) {
          return false;
        }
        refused = true;
        call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
        return true;
      }
    }

    @Override
    public void sendHeaders(Metadata headers) {
      synchronized (lock) {
        if (!refused) {
          call.sendHeaders(headers);
        }
      }
    }

    @Override
    public void sendMessage(A message) {
      synchronized (lock) {
        if (!refused) {
          call.sendMessage(message);
        }
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      synchronized (lock) {
        if (!refused) {
          closed = true;
          call.close(shortened(status), trailers);
        }
      }
    }

    /** The services of the library repeat what was asked for, whole. */
    private static Status shortened(Status status) {
      String sentence = status.getDescription();
      return sentence == null
          ? status
          : status.withDescription(Shortened.to(Refusals.MOST_SENTENCE_BYTES, sentence));
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
    private final PlainCall<Q, A> call;
    private final ServerCall.Listener<Q> listener;
    private boolean received;
    private boolean refused;

    StrictListener(PlainCall<Q, A> call, ServerCall.Listener<Q> listener) {
      this.call = call;
      this.listener = listener;
    }

    @Override
    public void onMessage(Parsed<Q> parsed) {
      received = true;
      if (parsed.fault() != null) {
        refuse(parsed.fault());
      } else if (parsed.request() != null && !refused) {
        listener.onMessage(parsed.request());
      }
    }

    private void refuse(Fault fault) {
      if (call.refuse(fault)) {
        refused = true;
        listener.onCancel();
      }
    }

    @Override
    public void onHalfClose() {
      if (!received && call.getMethodDescriptor().getType().clientSendsOneMessage()) {
        refuse(missing());
      }
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
