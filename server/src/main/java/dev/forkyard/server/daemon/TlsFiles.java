package dev.forkyard.server.daemon;

import dev.forkyard.server.os.Platform;
import dev.forkyard.server.rpc.Listeners;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files with which the daemon proves who it is over TLS. */
final class TlsFiles {
  private static final int EVERYBODY_MAY_READ = 004;
  private static final Pattern PEM_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private TlsFiles() {}

  /**
   * Reads a certificate and its key.
   *
   * @throws StartFailure when one cannot be read, everybody can read the key, or they do not belong
   *     together
   */
  static Listeners.Identity read(Path certificate, Path key) throws StartFailure {
    List<X509Certificate> chain = chain(certificate);
    PublicKey publicKey = chain.get(0).getPublicKey();
    PrivateKey privateKey = key(key, publicKey.getAlgorithm(), certificate);
    if (!belongTogether(privateKey, publicKey)) {
      throw misfit(key, certificate);
    }
    return new Listeners.Identity(privateKey, chain);
  }

  private static List<X509Certificate> chain(Path file) throws StartFailure {
    try {
      List<X509Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!chain.isEmpty()) {
        return chain;
      }
    } catch (IOException unreadable) {
      throw unreadable("--tls-cert", file, unreadable);
    } catch (GeneralSecurityException malformed) {
      // said below
    }
    throw new StartFailure(
        "the file "
            + file
            + " of --tls-cert holds no certificate; it has to begin with -----BEGIN"
            + " CERTIFICATE-----");
  }

  private static PrivateKey key(Path file, String algorithm, Path certificate) throws StartFailure {
    Matcher pem = PEM_KEY.matcher(text(file));
    if (!pem.find()) {
      throw new StartFailure(
          "the file "
              + file
              + " of --tls-key holds no key in the form -----BEGIN PRIVATE KEY-----; make it so"
              + " with openssl pkcs8 -topk8 -nocrypt -in "
              + file);
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException otherAlgorithm) {
      throw misfit(file, certificate);
    }
  }

  private static String text(Path file) throws StartFailure {
    try {
      if ((Platform.ownership(file.toRealPath()).mode() & EVERYBODY_MAY_READ) != 0) {
        throw new StartFailure(
            "the key " + file + " of --tls-key can be read by everybody: chmod 600 " + file);
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      throw unreadable("--tls-key", file, unreadable);
    }
  }

  private static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm();
        };
    byte[] message = "forkyard".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(privateKey);
      signature.update(message);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException misfit) {
      return false;
    }
  }

  private static StartFailure misfit(Path key, Path certificate) {
    return new StartFailure(
        "the key "
            + key
            + " of --tls-key does not belong to the first certificate of "
            + certificate
            + "; give the two that were made together");
  }

  private static StartFailure unreadable(String option, Path file, IOException why) {
    return new StartFailure(
        "the file " + file + " of " + option + " cannot be read (" + why + "); name another");
  }
}
