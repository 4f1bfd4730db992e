package dev.forkyard.worker;

import com.google.protobuf.ByteString;
import dev.forkyard.client.internal.WorkerClassPath;
import dev.forkyard.v1.Assign;
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

  void assign(int number, String method, String signature, int first, int count, String arguments)
      throws IOException {
    Function function =
        Function.newBuilder()
            .setName("dev.forkyard.client.internal.Tasks::" + method)
            .setSignature(signature)
            .build();
    assign(
        Assign.newBuilder()
            .setNumber(number)
            .setFunction(function)
            .setFirst(first)
            .setCount(count)
            .setArguments(Payload.newBuilder().setJson(arguments))
            .build());
  }

  void assign(Assign assign) throws IOException {
    write(DaemonFrame.newBuilder().setAssign(assign).build());
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
