package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessInputTest {
  private static final int PIECE = 262_144;
  private final FakeProcesses fake = new FakeProcesses();
  private FakeDaemon daemon;
  private Wire wire;
  private ProcessInput input;

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(new FakeSession(), fake);
    wire = Forkyard.openWire(daemon.address());
    input = new ProcessInput(wire, "p");
  }

  @AfterEach
  void disconnect() throws Exception {
    wire.close();
    daemon.close();
  }

  private static byte[] noise(int size) {
    byte[] noise = new byte[size];
    new Random(1).nextBytes(noise);
    return noise;
  }

  @Test
  void whatIsWrittenArrivesInPiecesAndByteExact() throws Exception {
    byte[] noise = noise(2 * PIECE + 5);
    input.write(noise);
    input.write(0x1ff);
    input.write(noise, 3, 4);
    input.write("für\n");
    input.write(new byte[0]);
    assertThat(fake.inputs).extracting(ByteString::size).containsExactly(PIECE, PIECE, 5, 1, 4, 5);
    assertThat(ByteString.copyFrom(fake.inputs))
        .isEqualTo(
            ByteString.copyFrom(noise)
                .concat(ByteString.copyFrom(new byte[] {(byte) 0xff}))
                .concat(ByteString.copyFrom(noise, 3, 4))
                .concat(ByteString.copyFromUtf8("für\n")));
  }

  @Test
  void writeInTheBackgroundArrivesInOrderToo() throws Exception {
    byte[] noise = noise(3 * PIECE);
    input.writeAsync(noise).get();
    assertThat(ByteString.copyFrom(fake.inputs)).isEqualTo(ByteString.copyFrom(noise));
  }

  @Test
  void closedInputRefusesWithAnIoExceptionAndClosesAgain() throws Exception {
    input.close();
    assertThatThrownBy(() -> input.write("x"))
        .isInstanceOf(IOException.class)
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("INPUT_CLOSED"));
    assertThatThrownBy(() -> input.writeAsync(new byte[1]).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ForkyardException.class);
    input.close();
  }

  @Test
  void interruptedThreadClosesTheInput() throws Exception {
    Thread.currentThread().interrupt();
    input.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(fake.inputClosed).isTrue();
  }

  @Test
  void writeThatWaitsForRoomCanBeInterrupted() throws Exception {
    fake.inputFull = true;
    FutureTask<Integer> written =
        new FutureTask<>(
            () -> {
              try {
                input.write(noise(10));
                return -1;
              } catch (InterruptedIOException e) {
                return Thread.currentThread().isInterrupted() ? e.bytesTransferred : -2;
              }
            });
    Thread writer = new Thread(written);
    writer.start();
    fake.inputBlocked.await();
    writer.interrupt();
    assertThat(written.get()).isZero();
  }
}
