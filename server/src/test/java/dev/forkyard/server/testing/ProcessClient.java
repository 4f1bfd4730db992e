package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceFutureStub;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import dev.forkyard.v1.RestartProcessRequest;
import dev.forkyard.v1.SignalProcessRequest;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.StopProcessResponse;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import io.grpc.Channel;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short words for the calls of ProcessService. */
public final class ProcessClient {
  public static final Duration AT_ONCE = Duration.getDefaultInstance();
  public static final Duration A_MINUTE = Duration.newBuilder().setSeconds(60).build();

  private final Channel channel;

  public ProcessClient(Channel channel) {
    this.channel = channel;
  }

  public ProcessServiceBlockingStub stub() {
    return ProcessServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  public ProcessServiceFutureStub futures() {
    return ProcessServiceGrpc.newFutureStub(channel);
  }

  /** A request to start a command under an id; empty for a random one. */
  public static StartProcessRequest.Builder command(String id, String... argv) {
    return StartProcessRequest.newBuilder()
        .setProcessId(id)
        .setCommand(CommandSpec.newBuilder().addAllArgv(List.of(argv)));
  }

  /** A request to start a shell script. */
  public static StartProcessRequest.Builder script(String id, String script) {
    return command(id, "sh", "-c", script);
  }

  public ProcessInfo start(StartProcessRequest.Builder request) {
    return stub().startProcess(request.build()).getProcess();
  }

  public ProcessInfo get(String id) {
    return stub().getProcess(GetProcessRequest.newBuilder().setProcessId(id).build()).getProcess();
  }

  public ProcessInfo ended(String id) {
    WaitProcessResponse response =
        stub().waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build());
    assertThat(response.getTimedOut()).isFalse();
    return response.getProcess();
  }

  public StopProcessResponse stop(String id, Duration grace) {
    return stub()
        .stopProcess(StopProcessRequest.newBuilder().setProcessId(id).setGrace(grace).build());
  }

  public static RestartProcessRequest restarting(String id, Duration grace) {
    return RestartProcessRequest.newBuilder().setProcessId(id).setGrace(grace).build();
  }

  public ProcessInfo restart(String id) {
    return stub().restartProcess(restarting(id, A_MINUTE)).getProcess();
  }

  public void signal(String id, String name) {
    stub()
        .signalProcess(SignalProcessRequest.newBuilder().setProcessId(id).setSignal(name).build());
  }

  public void delete(String id) {
    stub().deleteProcess(DeleteProcessRequest.newBuilder().setProcessId(id).build());
  }

  /** All standard output that is kept. */
  public String text(String id) {
    StringBuilder text = new StringBuilder();
    ReadOutputRequest.Builder request =
        ReadOutputRequest.newBuilder().setProcessId(id).setAsText(true);
    ReadOutputResponse read;
    do {
      read = stub().readOutput(request.build());
      text.append(read.getText());
      request.setCursor(read.getNextCursor());
    } while (!read.getText().isEmpty());
    return text.toString();
  }

  public void awaitText(String id, String text) {
    await().atMost(TestDaemon.PATIENCE).until(() -> text(id).contains(text));
  }
}
