package dev.forkyard.examples.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The peer: a Python that does the work for each line it reads, and ends with its input. */
final class PythonSide implements Side {
  private static final int END_SECONDS = 10;

  private final Path script;
  private final Process python;
  private final Writer requests;
  private final BufferedReader answers;

  PythonSide(String python, String peer, int operations) throws IOException {
    script = Files.createTempFile("forkyard-bench-", ".py");
    try (InputStream in = PythonSide.class.getResourceAsStream("peer.py")) {
      Files.write(script, Objects.requireNonNull(in, "peer.py is missing").readAllBytes());
    }
    this.python =
        new ProcessBuilder(python, script.toString(), peer, Integer.toString(operations))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    requests = new OutputStreamWriter(this.python.getOutputStream(), StandardCharsets.UTF_8);
    answers =
        new BufferedReader(
            new InputStreamReader(this.python.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Finds a Python 3. */
  static Optional<String> find() {
    for (String name : new String[] {"python3", "python"}) {
      try {
        Process version =
            new ProcessBuilder(name, "-c", "import sys; sys.exit(sys.version_info[0] != 3)")
                .redirectErrorStream(true)
                .start();
        if (version.waitFor() == 0) {
          return Optional.of(name);
        }
      } catch (IOException e) {
        // the next name
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  @Override
  public double measure() throws IOException {
    requests.write("run\n");
    requests.flush();
    String seconds = answers.readLine();
    if (seconds == null) {
      throw new IOException("Python ended in the middle; what it wrote is above");
    }
    return Double.parseDouble(seconds);
  }

  @Override
  public void close() throws IOException {
    requests.close();
    try {
      if (!python.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        python.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      python.destroyForcibly();
    }
    Files.deleteIfExists(script);
  }
}
