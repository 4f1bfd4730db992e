package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.ShellTools;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.FollowOutputResponse;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.SubmitTasksResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Types what docs/terminal.md says, and looks for what it says is printed. */
class TerminalRecipeTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon(TerminalRecipeTest::start);

  private static final Pattern CALL =
      Pattern.compile("\\$ (call|pool) ('(?<json>.*)'|@) (?<method>\\w+)");

  private static TestDaemon start() throws IOException {
    Path directory = Files.createTempDirectory("fy-");
    List<String> path = List.of("env", "PATH=" + ShellTools.PATH);
    List<String> options = TestDaemon.standardOptions(directory);
    return TestDaemon.start(directory, TestDaemon.launchBy(directory, path, options));
  }

  /** The lines of the sections that are about tasks, or of the others. */
  private static List<String> lines(boolean aboutTasks) throws IOException {
    List<String> all = Files.readAllLines(ShellTools.HOME.resolve("docs/terminal.md"));
    int tasks = all.indexOf("## Submit tasks");
    return aboutTasks ? all.subList(tasks, all.size()) : all.subList(0, tasks);
  }

  @Test
  void everyLineAboutProcessesDoesWhatItSays() throws IOException {
    assertThat(typeAndCheck(lines(false))).isGreaterThan(20);
  }

  @Test
  void everyLineAboutTasksDoesWhatItSays() throws IOException {
    ShellTools.require();
    assertThat(typeAndCheck(lines(true))).isGreaterThan(8);
  }

  /** Answers how many lines it has looked for. */
  private static int typeAndCheck(List<String> lines) throws InvalidProtocolBufferException {
    Map<String, String> names = new HashMap<>();
    names.put("'\"$PWD\"'", ShellTools.HOME.toString());
    Typed call = null;
    int checked = 0;
    for (String written : lines) {
      String line = named(names, written);
      Matcher typed = CALL.matcher(line);
      if (typed.matches()) {
        if (call != null) {
          call.leave();
        }
        call = Typed.call(typed.group("method"));
        if (typed.group("json") != null) {
          call.type(typed.group("json"));
          call.leaveInput();
        }
      } else if (call != null && line.startsWith("{")) {
        call.type(line);
      } else if (call != null && line.startsWith("< {\"task_ids\"")) {
        // ids are random: from here on the written one stands for the one that was printed
        names.put(line.replaceAll(".*\\[\"(.*)\"].*", "$1"), call.awaitTaskId());
        checked++;
      } else if (call != null && line.startsWith("< ")) {
        call.awaitPrinted(line.substring(2));
        checked++;
      }
    }
    assertThat(call).isNotNull();
    call.leave();
    return checked;
  }

  private static String named(Map<String, String> names, String line) {
    String named = line;
    for (Map.Entry<String, String> name : names.entrySet()) {
      named = named.replace(name.getKey(), name.getValue());
    }
    return named;
  }

  /** One call of grpcurl. */
  private static final class Typed {
    private final MethodDescriptor<Message, Message> method;
    private final ClientCall<Message, Message> call;
    private final List<Message> printed = new CopyOnWriteArrayList<>();
    private volatile @Nullable Status end;
    private boolean left;

    private Typed(MethodDescriptor<Message, Message> method) {
      this.method = method;
      this.call = DAEMON.channel().newCall(method, CallOptions.DEFAULT);
      call.start(new Printer(), new Metadata());
      call.request(Integer.MAX_VALUE);
    }

    @SuppressWarnings("unchecked") // every request and response is a message
    private static Typed call(String name) {
      return new Typed(
          (MethodDescriptor<Message, Message>)
              Stream.of(
                      ProcessServiceGrpc.getServiceDescriptor(),
                      PoolServiceGrpc.getServiceDescriptor())
                  .flatMap(service -> service.getMethods().stream())
                  .filter(method -> name.equals(method.getBareMethodName()))
                  .findFirst()
                  .orElseThrow());
    }

    private static Message parse(MethodDescriptor.Marshaller<Message> form, String json)
        throws InvalidProtocolBufferException {
      var prototype = (MethodDescriptor.PrototypeMarshaller<Message>) form;
      Message.Builder message =
          Objects.requireNonNull(prototype.getMessagePrototype()).newBuilderForType();
      JsonFormat.parser().merge(json, message);
      return message.build();
    }

    private void type(String json) throws InvalidProtocolBufferException {
      call.sendMessage(parse(method.getRequestMarshaller(), json));
    }

    private void leaveInput() {
      if (!left) {
        left = true;
        call.halfClose();
      }
    }

    private void awaitPrinted(String json) throws InvalidProtocolBufferException {
      Message expected = parse(method.getResponseMarshaller(), json);
      await()
          .atMost(TestDaemon.PATIENCE)
          .untilAsserted(
              () -> assertThat(isPrinted(expected)).as("%s in %s", json, printed).isTrue());
    }

    private boolean isPrinted(Message expected) {
      String text = text(expected);
      boolean whole = printed.stream().anyMatch(message -> covers(message, expected));
      return whole || (!text.isEmpty() && allText().contains(text));
    }

    private static boolean covers(Object printed, Object expected) {
      if (expected instanceof Message message) {
        return message.getAllFields().entrySet().stream()
            .allMatch(
                field -> covers(((Message) printed).getField(field.getKey()), field.getValue()));
      }
      if (expected instanceof List<?> elements) {
        List<?> others = (List<?>) printed;
        return others.size() == elements.size()
            && IntStream.range(0, elements.size())
                .allMatch(index -> covers(others.get(index), elements.get(index)));
      }
      return expected.equals(printed);
    }

    private String awaitTaskId() {
      await().atMost(TestDaemon.PATIENCE).until(() -> !printed.isEmpty());
      return ((SubmitTasksResponse) printed.get(0)).getTaskIds(0);
    }

    private String allText() {
      StringBuilder all = new StringBuilder();
      printed.forEach(message -> all.append(text(message)));
      return all.toString();
    }

    private static String text(Message message) {
      if (message instanceof AttachProcessResponse response) {
        return response.getOutput().getText();
      }
      return message instanceof FollowOutputResponse response ? response.getOutput().getText() : "";
    }

    /** Ends the input, if that was not done, and waits for the end of the call. */
    private void leave() {
      leaveInput();
      await().atMost(TestDaemon.PATIENCE).until(() -> end != null);
      assertThat(end).isEqualTo(Status.OK);
    }

    private final class Printer extends ClientCall.Listener<Message> {
      @Override
      public void onMessage(Message message) {
        printed.add(message);
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        end = status;
      }
    }
  }
}
