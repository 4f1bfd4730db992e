package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.internal.Credentials;
import dev.forkyard.client.internal.Endpoint;
import dev.forkyard.client.internal.Transport;
import dev.forkyard.server.testing.Certificate;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls over TCP, in clear and with TLS, with the token and without. */
class TcpTest {
  private static final String TOKEN = "correct-horse-battery-staple";
  private static TestDaemon clear;
  private static TestDaemon tls;
  private static String clearAddress = "";
  private static String tlsAddress = "";
  private static Certificate certificate;
  private static ManagedChannel withoutToken;

  @BeforeAll
  static void start(@TempDir Path files) throws Exception {
    Path token = Files.writeString(files.resolve("token"), TOKEN + "\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    certificate = Certificate.make(files, "it", "EC", "dns:localhost,ip:127.0.0.1");
    clear = start("--listen", "127.0.0.1:0", "--token-file", token.toString());
    clearAddress = clear.tcpAddress();
    List<String> options =
        new ArrayList<>(List.of("--listen", "0.0.0.0:0", "--token-file", token.toString()));
    options.addAll(certificate.options());
    tls = start(options.toArray(String[]::new));
    tlsAddress = tls.tcpAddress();
    withoutToken = plain(clearAddress);
  }

  private static TestDaemon start(String... more) throws IOException {
    Path directory = Files.createTempDirectory("fy-");
    List<String> options = new ArrayList<>(TestDaemon.standardOptions(directory));
    options.addAll(List.of(more));
    return TestDaemon.start(directory, TestDaemon.launch(directory, options));
  }

  @AfterAll
  static void stop() throws IOException {
    withoutToken.shutdownNow();
    clear.close();
    tls.close();
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private static ManagedChannel plain(String address) {
    return Grpc.newChannelBuilder("127.0.0.1:" + port(address), InsecureChannelCredentials.create())
        .build();
  }

  private static Channel showing(String authorization) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    return ClientInterceptors.intercept(
        withoutToken, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Transport withToken(String address) {
    return new Transport(
        Endpoint.parse(address, new Credentials(TOKEN, null, certificate.certificate())));
  }

  private static long pid(Channel channel) {
    return SystemServiceGrpc.newBlockingStub(channel)
        .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
        .getPid();
  }

  private static void assertRefused(String reason, Channel channel, MethodDescriptor<?, ?> method) {
    StatusRuntimeException end = RawCall.make(channel, CallOptions.DEFAULT, method, new byte[0]);
    assertThat(end.getStatus().getCode()).as("%s", end).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(Refusals.reason(end)).isEqualTo(reason);
    assertThat(end.toString()).doesNotContain(TOKEN);
  }

  @Test
  void eachAddressIsPrintedInTheFormThatClientsUse() {
    assertThat(clearAddress).matches("tcp://127\\.0\\.0\\.1:[1-9]\\d*");
    assertThat(tlsAddress).matches("tls://0\\.0\\.0\\.0:[1-9]\\d*");
  }

  @ParameterizedTest
  @MethodSource("dev.forkyard.server.rpc.BadInputTest#methods")
  void everyMethodIsRefusedWithoutTheToken(BadInputTest.Method method) {
    assertRefused("TOKEN_MISSING", withoutToken, method.descriptor());
    assertRefused("TOKEN_MISSING", showing("Basic dXNlcjpwYXNz"), method.descriptor());
    assertRefused("TOKEN_WRONG", showing("Bearer " + TOKEN + "s"), method.descriptor());
    assertRefused("TOKEN_MISSING", showing("Bearer"), method.descriptor());
  }

  @Test
  void callsWithTheTokenAreServedInClearAndOverTls() {
    assertThat(pid(showing("bearer  " + TOKEN))).isEqualTo(clear.process().pid());
    try (Transport transport = withToken("tls://localhost:" + port(tlsAddress))) {
      assertThat(pid(transport.channel())).isEqualTo(tls.process().pid());
      assertThat(
              HealthGrpc.newBlockingStub(transport.channel())
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
  }

  @Test
  void theUnixSocketNeedsNoToken() {
    assertThat(pid(clear.channel())).isEqualTo(clear.process().pid());
    assertThat(pid(tls.channel())).isEqualTo(tls.process().pid());
  }

  @Test
  void aConnectionInClearIsNotServedWhereTlsIsSpoken() {
    ManagedChannel channel = plain(tlsAddress);
    StatusRuntimeException end =
        RawCall.make(
            channel, CallOptions.DEFAULT, SystemServiceGrpc.getGetSystemInfoMethod(), new byte[0]);
    channel.shutdownNow();
    assertThat(end.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void limitsAreThoseOfTheUnixSocket() {
    try (Transport transport = withToken(clearAddress)) {
      StatusRuntimeException end =
          RawCall.make(
              transport.channel(),
              CallOptions.DEFAULT,
              SystemServiceGrpc.getGetSystemInfoMethod(),
              new byte[(4 << 20) + 1]);
      assertThat(Refusals.reason(end)).isEqualTo("MESSAGE_TOO_LARGE");
    }
  }

  @Test
  void aConnectionThatNeverSpeaksOrMakesNoCallIsClosed() throws IOException {
    ManagedChannel idle = plain(clearAddress);
    assertRefused("TOKEN_MISSING", idle, SystemServiceGrpc.getGetSystemInfoMethod());
    int patience = (int) TestDaemon.PATIENCE.toMillis();
    try (Socket toClear = new Socket(InetAddress.getLoopbackAddress(), port(clearAddress));
        Socket toTls = new Socket(InetAddress.getLoopbackAddress(), port(tlsAddress));
        SocketChannel toUnix = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      toUnix.connect(UnixDomainSocketAddress.of(clear.socket()));
      toClear.setSoTimeout(patience);
      toTls.setSoTimeout(patience);
      toClear.getInputStream().readAllBytes(); // returns when the daemon closes it
      toTls.getInputStream().readAllBytes();
      ByteBuffer said = ByteBuffer.allocate(1_024);
      while (toUnix.read(said) >= 0) {
        said.clear();
      }
    }
    // a channel whose connection is closed in order connects again when it is used
    await().atMost(TestDaemon.PATIENCE).until(() -> idle.getState(false) == ConnectivityState.IDLE);
    idle.shutdownNow();
  }

  @Test
  void theTokenIsNowhereInTheLog() {
    assertThat(pid(showing("Bearer " + TOKEN))).isPositive();
    assertThat(clear.log()).noneMatch(line -> line.contains(TOKEN));
    assertThat(tls.log()).noneMatch(line -> line.contains(TOKEN));
  }
}
