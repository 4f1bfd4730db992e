package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A key and a certificate that vouches for itself, made by the JDK's keytool.
 *
 * @param certificate the certificate, as PEM
 * @param key its key, as PEM, readable by the user alone
 */
public record Certificate(Path certificate, Path key) {
  private static final String PASSWORD = "changeit";

  /** Makes a pair for hosts such as {@code dns:localhost} and {@code ip:127.0.0.1}. */
  public static Certificate make(Path directory, String name, String algorithm, String hosts)
      throws Exception {
    Path store = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    System.getProperty("java.home") + "/bin/keytool",
                    "-genkeypair",
                    "-alias",
                    "it",
                    "-dname",
                    "CN=" + name,
                    "-keyalg",
                    algorithm,
                    "-ext",
                    "san=" + hosts,
                    "-keystore",
                    store.toString(),
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    return read(store, directory, name);
  }

  private static Certificate read(Path store, Path directory, String name)
      throws GeneralSecurityException, IOException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream bytes = Files.newInputStream(store)) {
      keys.load(bytes, PASSWORD.toCharArray());
    }
    Path certificate = directory.resolve(name + "-cert.pem");
    Path key = directory.resolve(name + "-key.pem");
    write(certificate, "CERTIFICATE", keys.getCertificate("it").getEncoded());
    write(key, "PRIVATE KEY", keys.getKey("it", PASSWORD.toCharArray()).getEncoded());
    return new Certificate(certificate, key);
  }

  private static void write(Path file, String kind, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    Files.writeString(
        file,
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(kind, text, kind),
        StandardCharsets.US_ASCII);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** The options with which a daemon uses them. */
  public List<String> options() {
    return List.of("--tls-cert", certificate.toString(), "--tls-key", key.toString());
  }
}
