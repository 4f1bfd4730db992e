package dev.forkyard.client.internal;

import com.google.rpc.Code;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a connection over TCP shows to the daemon, and whom it believes to be the daemon.
 *
 * @param token the token; null to look into the file
 * @param tokenFile the file with the token
 * @param caFile certificates to believe, as PEM; null for those that Java believes
 */
public record Credentials(@Nullable String token, @Nullable Path tokenFile, @Nullable Path caFile) {
  /** Names of the variables that hold them. */
  static final String TOKEN_VARIABLE = "FORKYARD_TOKEN";

  static final String TOKEN_FILE_VARIABLE = "FORKYARD_TOKEN_FILE";
  static final String CA_FILE_VARIABLE = "FORKYARD_CA_FILE";

  /** None. */
  public static final Credentials NONE = new Credentials(null, null, null);

  /** What can stand in a header. */
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  /**
   * Takes from the environment what is not given.
   *
   * @param env the environment
   * @return these, with what was missing
   */
  public Credentials orFrom(Map<String, String> env) {
    boolean given = token != null || tokenFile != null;
    return new Credentials(
        given ? token : variable(env, TOKEN_VARIABLE),
        given ? tokenFile : path(variable(env, TOKEN_FILE_VARIABLE)),
        caFile == null ? path(variable(env, CA_FILE_VARIABLE)) : caFile);
  }

  private static @Nullable String variable(Map<String, String> env, String name) {
    String value = env.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  private static @Nullable Path path(@Nullable String text) {
    return text == null ? null : Path.of(text);
  }

  /**
   * {@return the token to show}
   *
   * @throws StatusRuntimeException if there is none, or it cannot be read or sent
   */
  String readToken() {
    if (token == null && tokenFile == null) {
      throw Refusals.of(
          Code.UNAUTHENTICATED,
          "TOKEN_MISSING",
          "a daemon on TCP wants its token; set FORKYARD_TOKEN_FILE to the file that the daemon was"
              + " given with --token-file, or use ConnectOptions",
          Map.of());
    }
    String read = (token == null ? text(tokenFile) : token).strip();
    if (!TOKEN.matcher(read).matches()) {
      throw unusable(
          "TOKEN_UNUSABLE",
          token == null
              ? "the file " + tokenFile + " holds no token"
              : "the token is empty, or has white space or characters beyond ASCII in it");
    }
    return read;
  }

  private static String text(@Nullable Path file) {
    try {
      return file == null ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw unusable("TOKEN_UNUSABLE", "the token file cannot be read (" + e + ")");
    }
  }

  /**
   * {@return the certificates to believe; empty for those that Java believes}
   *
   * @throws StatusRuntimeException if they cannot be read
   */
  List<X509Certificate> readAuthorities() {
    if (caFile == null) {
      return List.of();
    }
    try {
      List<X509Certificate> read =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(caFile)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!read.isEmpty()) {
        return read;
      }
    } catch (IOException e) {
      throw unusable("CA_UNUSABLE", "the file of certificates cannot be read (" + e + ")");
    } catch (CertificateException e) {
      // said below
    }
    throw unusable("CA_UNUSABLE", "the file " + caFile + " holds no certificate as PEM");
  }

  private static StatusRuntimeException unusable(String reason, String problem) {
    return Refusals.of(
        Code.INVALID_ARGUMENT,
        reason,
        problem
            + "; see FORKYARD_TOKEN, FORKYARD_TOKEN_FILE and FORKYARD_CA_FILE, or ConnectOptions",
        Map.of("problem", problem));
  }

  /** {@return where they come from, never the token} */
  @Override
  public String toString() {
    return "Credentials[token file " + tokenFile + ", certificates " + caFile + "]";
  }
}
