package dev.forkyard.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.forkyard.client.internal.WorkerClassPath;
import dev.forkyard.v1.Assign;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.Cancel;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Drain;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.WorkerFrame;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The daemon's side of the worker protocol, with a real worker JVM at the other. */
final class FakeDaemon implements AutoCloseable {
  static final String TOKEN = "one-time";

  private final Path journal;
  private final Path out;
  private final Path err;
  private final SocketChannel channel;
  final Process worker;

  FakeDaemon(Path directory, String javaHome, Map<String, String> environment, String... flags)
      throws IOException {
    Path socket = directory.resolve("worker.sock");
    journal = Files.write(directory.resolve("journal"), new byte[Journal.SIZE]);
    out = directory.resolve("out");
    err = directory.resolve("err");
    List<String> command = new ArrayList<>(List.of(Path.of(javaHome, "bin", "java").toString()));
    command.addAll(List.of(flags));
    String classPath = String.join(File.pathSeparator, WorkerClassPath.ofThisJvm());
    command.addAll(List.of("-cp", classPath, "dev.forkyard.worker.WorkerMain"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("FORKYARD_WORKER_SOCKET", socket.toString());
    builder.environment().put("FORKYARD_WORKER_TOKEN", TOKEN);
    builder.environment().put("FORKYARD_WORKER_JOURNAL", journal.toString());
    builder.environment().putAll(environment);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      worker = builder.start();
      channel = server.accept();
    }
  }

  /** The next frame; null at the end of the connection. */
  @Nullable WorkerFrame read() throws IOException {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    if (!fill(length)) {
      return null;
    }
    ByteBuffer frame = ByteBuffer.allocate(length.flip().getInt());
    return fill(frame) ? WorkerFrame.parseFrom(ByteString.copyFrom(frame.flip())) : null;
  }

  /** The next frame; there has to be one. */
  WorkerFrame next() throws IOException {
    return Objects.requireNonNull(read(), "the worker closed the connection");
  }

  /** Reads frames until that many calls of the assignment have their results. */
  Map<Integer, String> results(int number, int count) throws IOException {
    Map<Integer, String> answered = new TreeMap<>();
    while (answered.size() < count) {
      WorkerFrame frame = next();
      assertThat(frame.hasResults()).as(frame.toString()).isTrue();
      assertThat(frame.getResults().getNumber()).isEqualTo(number);
      answered.putAll(resultsOf(frame.getResults()));
    }
    return answered;
  }

  /** Reads a frame, which is a failure. */
  CallFailure failure() throws IOException {
    WorkerFrame frame = next();
    assertThat(frame.hasFailure()).as(frame.toString()).isTrue();
    return frame.getFailure();
  }

  /** The texts of results by the indexes of their calls. */
  static Map<Integer, String> resultsOf(ChunkResults results) {
    String json = results.getResults().getJson();
    return split(results.getFirst(), results.getCount(), json.substring(1, json.length() - 1));
  }

  /** The texts between commas by the indexes of their calls. */
  static Map<Integer, String> split(int first, int count, String elements) {
    List<String> texts = List.of(elements.split(count == 1 ? "$" : ",", -1));
    Map<Integer, String> results = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      results.put(first + i, texts.get(i));
    }
    return results;
  }

  void assign(int number, String method, String signature, int first, int count, String arguments)
      throws IOException {
    String name = "dev.forkyard.client.internal.Tasks::" + method;
    assignFunction(number, name, signature, first, count, arguments);
  }

  void assignFunction(
      int number, String name, String signature, int first, int count, String arguments)
      throws IOException {
    assign(
        Assign.newBuilder()
            .setNumber(number)
            .setFunction(Function.newBuilder().setName(name).setSignature(signature))
            .setFirst(first)
            .setCount(count)
            .setArguments(Payload.newBuilder().setJson(arguments))
            .build());
  }

  void assign(Assign assign) throws IOException {
    write(DaemonFrame.newBuilder().setAssign(assign).build());
  }

  /** Gives up one call, or all of an assignment if the index is null. */
  void cancel(int number, @Nullable Integer index, boolean running) throws IOException {
    Cancel.Builder cancel = Cancel.newBuilder().setNumber(number).setRunning(running);
    if (index != null) {
      cancel.setIndex(index);
    }
    write(DaemonFrame.newBuilder().setCancel(cancel).build());
  }

  void drain() throws IOException {
    write(DaemonFrame.newBuilder().setDrain(Drain.getDefaultInstance()).build());
  }

  void writeRaw(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  ByteBuffer journal() throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(journal));
  }

  String standardOutput() throws IOException {
    return Files.readString(out);
  }

  String standardError() throws IOException {
    return Files.readString(err);
  }

  void closeLink() throws IOException {
    channel.close();
  }

  @Override
  public void close() throws IOException {
    worker.destroyForcibly();
    channel.close();
  }

  private void write(DaemonFrame frame) throws IOException {
    byte[] bytes = frame.toByteArray();
    writeRaw(ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes).flip());
  }

  /** False at the end of the connection, also when it ends within a frame. */
  private boolean fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }
}
