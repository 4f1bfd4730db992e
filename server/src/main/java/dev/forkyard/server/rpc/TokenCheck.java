package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Lets only calls through that show the token. It knows no more of it than a digest. */
final class TokenCheck implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "bearer ";

  private final byte[] digest;

  TokenCheck(String token) {
    digest = digest(token);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Fault fault = check(headers.get(AUTHORIZATION));
    if (fault == null) {
      return next.startCall(call, headers);
    }
    StatusRuntimeException refusal = Refusals.exception(fault);
    Metadata trailers = refusal.getTrailers();
    call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
    return new ServerCall.Listener<>() {};
  }

  private @Nullable Fault check(@Nullable String shown) {
    if (shown == null || !shown.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return new Fault(
          Reason.TOKEN_MISSING,
          "Over TCP every call needs the daemon's token; send the header `authorization: Bearer"
              + " TOKEN`, or set FORKYARD_TOKEN_FILE for the Java SDK.");
    }
    // digests have one length, and comparing them takes the same time wherever they differ
    return MessageDigest.isEqual(digest, digest(shown.substring(SCHEME.length()).strip()))
        ? null
        : new Fault(
            Reason.TOKEN_WRONG,
            "This is not the token of this daemon; it is in the file that the daemon was given"
                + " with --token-file.");
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every Java has it
    }
  }
}
