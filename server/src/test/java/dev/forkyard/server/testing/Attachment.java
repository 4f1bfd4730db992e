package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.Attached;
import dev.forkyard.v1.EndOfInput;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceStub;
import dev.forkyard.v1.Terminal;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An AttachProcess call by hand. */
public final class Attachment {
  private final List<AttachProcessResponse> events = new CopyOnWriteArrayList<>();
  private final StreamEnd<AttachProcessResponse> end = new StreamEnd<>(events::add);
  private final StreamObserver<AttachProcessRequest> requests;

  /** Begins a call; nothing is sent yet. */
  public Attachment(ProcessServiceStub stub) {
    requests = stub.attachProcess(end);
  }

  public Attachment(Channel channel) {
    this(ProcessServiceGrpc.newStub(channel));
  }

  /** Attaches to a process, with output as text from its beginning. */
  public static Attachment to(Channel channel, String processId) {
    Attachment attachment = new Attachment(channel);
    attachment.open(AttachOptions.newBuilder().setProcessId(processId).setAsText(true));
    return attachment;
  }

  public void send(AttachProcessRequest request) {
    requests.onNext(request);
  }

  public void open(AttachOptions.Builder options) {
    send(AttachProcessRequest.newBuilder().setOpen(options).build());
  }

  public void type(String text) {
    send(AttachProcessRequest.newBuilder().setInputText(text).build());
  }

  public void signal(String name) {
    send(AttachProcessRequest.newBuilder().setSignal(name).build());
  }

  public void resize(int rows, int columns) {
    Terminal size = Terminal.newBuilder().setRows(rows).setColumns(columns).build();
    send(AttachProcessRequest.newBuilder().setResize(size).build());
  }

  public void endInput() {
    send(AttachProcessRequest.newBuilder().setEndOfInput(EndOfInput.getDefaultInstance()).build());
  }

  /** The client sends nothing more. */
  public void detach() {
    requests.onCompleted();
  }

  public void cancel() {
    requests.onError(Status.CANCELLED.asException());
  }

  public List<AttachProcessResponse> events() {
    return events;
  }

  /** The beginning, waited for. */
  public Attached attached() {
    await().atMost(TestDaemon.PATIENCE).until(() -> !events.isEmpty() || end.isDone());
    assertThat(events).isNotEmpty();
    assertThat(events.get(0).hasAttached()).isTrue();
    return events.get(0).getAttached();
  }

  /** All text of standard output so far. */
  public String output() {
    StringBuilder text = new StringBuilder();
    for (AttachProcessResponse event : events) {
      OutputPiece piece = event.getOutput();
      if (event.hasOutput() && piece.getStream() == OutputStream.OUTPUT_STREAM_STDOUT) {
        text.append(piece.getText());
      }
    }
    return text.toString();
  }

  /** Waits until standard output contains a text. */
  public void awaitOutput(String text) {
    await().atMost(TestDaemon.PATIENCE).until(() -> output().contains(text) || end.isDone());
    assertThat(output()).contains(text);
  }

  /** How many bytes of input were accepted so far. */
  public int accepted() {
    return events.stream().mapToInt(event -> event.getInputAccepted().getBytes()).sum();
  }

  public void awaitAccepted(int bytes) {
    await().atMost(TestDaemon.PATIENCE).until(() -> accepted() >= bytes || end.isDone());
    assertThat(accepted()).isEqualTo(bytes);
  }

  /** Waits for the end of the process, which is the last event. */
  public ProcessInfo exited() {
    assertThat(status()).isEqualTo(Status.OK);
    AttachProcessResponse last = events.get(events.size() - 1);
    assertThat(last.hasExited()).isTrue();
    return last.getExited();
  }

  /** How the call ended, waited for. */
  public Status status() {
    return end.status();
  }

  /** Why the call was refused, waited for. */
  public Throwable failure() {
    return end.failure();
  }
}
