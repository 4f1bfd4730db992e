package dev.forkyard.client.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PayloadCodecTest {
  private final PayloadCodec codec =
      new PayloadCodec(
          (handle, declared, elementType) -> {
            if (declared == FakeEnd.class && handle instanceof Handle.Queue) {
              throw new IllegalArgumentException("A queue is no pipe end.");
            }
            return handle instanceof Handle.Queue
                ? new FakeQueue<>(handle, elementType.getTypeName())
                : new FakeEnd(handle);
          });

  private final FakeQueue<Job> queue = new FakeQueue<>(new Handle.Queue("jobs"), "");
  private final FakeEnd end = new FakeEnd(new Handle.PipeEnd("p1", Handle.Side.LEFT));

  @Test
  void recordsInGenericTypesComeBackEqual() {
    List<Map<String, Job>> value = List.of(Map.of("a", new Job("x", 1, List.of("t"))), Map.of());

    assertComesBack(value, new TypeReference<List<Map<String, Job>>>() {});
  }

  @Test
  void numbersComeBackExactly() {
    assertComesBack(List.of(Long.MAX_VALUE, Long.MIN_VALUE), new TypeReference<List<Long>>() {});
    assertComesBack(new double[] {0.1, -0.0, Double.MIN_VALUE}, double[].class);
    assertComesBack(Float.MAX_VALUE, float.class);
  }

  @Test
  void timesOptionalsAndBytesComeBack() {
    assertComesBack(Instant.ofEpochSecond(1, 123_456_789), Instant.class);
    assertComesBack(Duration.ofNanos(5_000_000_001L), Duration.class);
    assertComesBack(Optional.of("x"), new TypeReference<Optional<String>>() {});
    assertComesBack(new byte[] {0, -1, 7}, byte[].class);
    assertComesBack("half a pair: \uD83D", String.class);
    assertComesBack("ä\u0000\n\"\\\uD83D\uDE00", String.class);
  }

  @Test
  void noResultIsNull() {
    assertThat(codec.encode(null).json()).isEqualTo("null");
    assertThat(codec.<Object>decode("null", void.class)).isNull();
    assertThat(codec.<Object>decodeList("[null,null]", void.class)).hasSize(2).containsOnlyNulls();
  }

  @Test
  void numbersThatJsonLacksAreRefusedAtTheSender() {
    for (Object value :
        List.of(
            Double.NaN, Float.POSITIVE_INFINITY, new double[] {1, Double.NaN}, List.of(-1 / 0.0))) {
      assertThatThrownBy(() -> codec.encode(value))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("JSON has no number for");
    }
  }

  @Test
  void unserialisableValuesAreRefusedAtTheSender() {
    List<Object> cycle = new ArrayList<>();
    cycle.add(cycle);
    Runnable lambda = () -> {};
    for (Object value :
        List.of(new Object(), Thread.currentThread(), cycle, lambda, new CompletableFuture<>())) {
      assertThatThrownBy(() -> codec.encodeArguments(1, value))
          .isInstanceOf(CodecException.class)
          .hasMessageStartingWith("A value cannot be written as JSON: ")
          .hasMessageNotContaining("to avoid exception");
    }
  }

  @Test
  void textThatDoesNotFitTheTypeIsRefused() {
    for (String json : List.of("null", "1.5", "\"1\"", "3000000000", "[", "1 2", "{}", "")) {
      assertThatThrownBy(() -> codec.<Integer>decode(json, int.class))
          .isInstanceOf(CodecException.class);
    }
  }

  @Test
  void handlesAreWrittenAtAnyDepthAndListed() {
    Encoded encoded = codec.encodeArguments(Map.of("in", List.of(queue)), end, new Holder(queue));

    assertThat(encoded.json())
        .isEqualTo(
            "[{\"in\":[{\"$forkyard\":{\"queue\":\"jobs\"}}]},"
                + "{\"$forkyard\":{\"pipe\":\"p1\",\"end\":\"LEFT\"}},"
                + "{\"queue\":{\"$forkyard\":{\"queue\":\"jobs\"}}}]");
    assertThat(encoded.handles()).containsExactly(queue.handle(), end.handle(), queue.handle());
  }

  @Test
  void handlesAreResolvedWithTheirDeclaredTypes() {
    Holder holder = codec.decode(codec.encode(new Holder(queue)).json(), Holder.class);

    assertThat(holder.queue().handle()).isEqualTo(queue.handle());
    assertThat(holder.queue().elementType()).contains("Job");
  }

  @Test
  void handlesAreResolvedWhereNothingIsDeclared() {
    Map<String, Object> map =
        codec.decode(
            codec.encode(Map.of("deep", List.of(end))).json(),
            new TypeReference<Map<String, Object>>() {}.getType());

    assertThat(map).isEqualTo(Map.of("deep", List.of(end)));
  }

  @Test
  void handleOfTheWrongKindIsRefused() {
    String json = codec.encode(queue).json();

    assertThatThrownBy(() -> codec.<FakeEnd>decode(json, FakeEnd.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("A queue is no pipe end.");
    assertThatThrownBy(() -> codec.<FakeEnd>decode("\"p1\"", FakeEnd.class))
        .isInstanceOf(CodecException.class);
  }

  @Test
  void malformedHandleIsRefused() {
    for (String body :
        List.of(
            "1", "{}", "{\"lock\":\"l\"}", "{\"queue\":1}", "{\"pipe\":\"p\",\"end\":\"UP\"}")) {
      assertThatThrownBy(() -> codec.<Object>decode("{\"$forkyard\":" + body + "}", Object.class))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("a handle is");
    }
  }

  @Test
  void userDataThatLooksLikeAHandleComesBackAsItWas() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("$forkyard", Map.of("queue", "jobs"));
    value.put("$$forkyard", 1.5);
    value.put("a$forkyard", List.of("$forkyard"));

    Encoded encoded = codec.encode(value);

    assertThat(encoded.handles()).isEmpty();
    assertThat(encoded.json()).startsWith("{\"$$forkyard\":{\"queue\":\"jobs\"},\"$$$forkyard\"");
    assertThat(codec.<Object>decode(encoded.json(), Object.class)).isEqualTo(value);
  }

  @Test
  @SuppressWarnings("NullAway") // sees the type of the list on newer JDKs only
  void chunkIsAnArrayOfArrays() {
    List<Object[]> calls =
        List.of(new Object[] {1, "a"}, Arrays.asList(null, new Job("j")).toArray());

    assertThat(codec.encodeChunk(calls).json())
        .isEqualTo("[[1,\"a\"],[null,{\"name\":\"j\",\"size\":0,\"tags\":[]}]]");
  }

  @Test
  void longListOfNumbersComesBack() {
    Integer[] numbers = IntStream.range(0, 100_000).boxed().toArray(Integer[]::new);

    String json = codec.encode(numbers).json();

    assertThat(codec.<Integer>decodeList(json, int.class)).isEqualTo(Arrays.asList(numbers));
  }

  @Test
  void argumentsOfACallThatDoNotFitLeaveTheOthersReadable() {
    String json = "[[1,[\"a\"]],[[[2]],{}],[3],[4,[],5],[6,[\"b\"]]]";
    ArgumentsReader in = codec.readArguments(ByteBuffer.wrap(json.getBytes(UTF_8)));
    Type list = new TypeReference<List<String>>() {}.getType();
    ArgumentsReader.Parameter[] parameters = codec.parameters(List.of(int.class, list));

    assertThat(in.next(parameters)).containsExactly(1, List.of("a"));
    assertThatThrownBy(() -> in.next(parameters)).hasMessageContaining("argument 1");
    assertThatThrownBy(() -> in.next(parameters)).hasMessageContaining("has 1 arguments");
    assertThatThrownBy(() -> in.next(parameters)).hasMessageContaining("too many arguments");
    assertThat(in.next(parameters)).containsExactly(6, List.of("b"));
    assertThatThrownBy(() -> in.next(parameters)).hasMessageContaining("fewer lists");
  }

  @Test
  void errorOfAHandleLeavesTheOtherCallsReadable() {
    PayloadCodec failing =
        new PayloadCodec(
            (handle, declared, elementType) -> {
              throw new LinkageError("no SDK");
            });
    String json = "[[[[{\"$forkyard\":{\"queue\":\"q\"}}]],1],[[],2]]";
    ArgumentsReader in = failing.readArguments(ByteBuffer.wrap(json.getBytes(UTF_8)));
    Type lists = new TypeReference<List<List<Object>>>() {}.getType();
    ArgumentsReader.Parameter[] parameters = failing.parameters(List.of(lists, int.class));

    assertThatThrownBy(() -> in.next(parameters)).hasStackTraceContaining("no SDK");
    assertThat(in.next(parameters)).containsExactly(List.of(), 2);
  }

  @Test
  void writerGoesOnAfterAValueThatFailed() {
    PayloadWriter writer = codec.writer();

    assertThatThrownBy(() -> writer.value(List.of(1, new Object())))
        .isInstanceOf(CodecException.class);
    writer.value(List.of(2));

    assertThat(new String(writer.buffer(), 0, writer.size(), UTF_8)).isEqualTo("[2]");
  }

  private void assertComesBack(Object value, TypeReference<?> type) {
    assertComesBack(value, type.getType());
  }

  private void assertComesBack(Object value, Type type) {
    assertThat(codec.<Object>decode(codec.encode(value).json(), type)).isEqualTo(value);
  }

  record Holder(FakeQueue<Job> queue) {}

  @SuppressWarnings("UnusedTypeParameter")
  static final class FakeQueue<E> extends HandleValue {
    private final String elementType;

    FakeQueue(Handle handle, String elementType) {
      super(handle);
      this.elementType = elementType;
    }

    String elementType() {
      return elementType;
    }
  }

  static final class FakeEnd extends HandleValue {
    FakeEnd(Handle handle) {
      super(handle);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof FakeEnd end && end.handle().equals(handle());
    }

    @Override
    public int hashCode() {
      return handle().hashCode();
    }
  }
}
