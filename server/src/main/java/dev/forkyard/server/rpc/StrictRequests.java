package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Refuses requests that cannot be parsed or are too large, in words. The library alone would answer UNKNOWN and log a
 * stack trace.
 */
final class StrictRequests {
  private final int mostBytes;

  StrictRequests(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  ServerServiceDefinition around(ServerServiceDefinition service) {
    ServiceDescriptor plain = service.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(plain.getName()).setSchemaDescriptor(plain.getSchemaDescriptor());
    service.getMethods().forEach(method -> descriptor.addMethod(strict(method.getMethodDescriptor())));
    ServerServiceDefinition.Builder strict = ServerServiceDefinition.builder(descriptor.build());
    service.getMethods().forEach(method -> add(strict, method));
    return strict.build();
  }

  private <Q, A> void add(ServerServiceDefinition.Builder service, ServerMethodDefinition<Q, A> method) {
    service.addMethod(
        strict(method.getMethodDescriptor()), new StrictHandler<>(method.getServerCallHandler()));
  }

  private <Q, A> MethodDescriptor<Parsed<Q>, A> strict(MethodDescriptor<Q, A> method) {
    return method.toBuilder(new StrictMarshaller<>(method.getRequestMarshaller()), method.getResponseMarshaller())
        .build();
  }

  /** A request, or why it is none. */
  private record Parsed<Q>(Q request, Fault fault) {}
}
