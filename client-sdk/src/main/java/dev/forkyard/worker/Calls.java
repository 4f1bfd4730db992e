package dev.forkyard.worker;

import dev.forkyard.client.internal.ArgumentsReader;
import dev.forkyard.client.internal.CodecException;
import dev.forkyard.client.internal.Handle;
import dev.forkyard.client.internal.HandleResolver;
import dev.forkyard.client.internal.PayloadCodec;
import dev.forkyard.client.internal.PayloadWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Runs assigned calls. The first class of the runtime that needs the codec. For one thread. */
final class Calls {
  /** Clients take messages of 16 MiB. */
  private static final int MOST_RESULT_BYTES = 15 << 20;

  private static final int RESERVE_BYTES = 1 << 20;

  private final Outbox outbox;
  private final Orders orders;
  private final boolean functionProcess;
  private final PayloadCodec codec = new PayloadCodec(this::resolve);
  private final PayloadWriter writer = codec.writer(MOST_RESULT_BYTES);
  private @Nullable HandleResolver resolver;

  /** Given up when memory is full, so that this can be told. */
  private @Nullable Object reserve = new byte[RESERVE_BYTES];

  /**
   * Prepares to run calls.
   *
   * @param functionProcess true if the process is to end with the first failure
   */
  Calls(Outbox outbox, Orders orders, boolean functionProcess) {
    this.outbox = outbox;
    this.orders = orders;
    this.functionProcess = functionProcess;
  }

  /** Runs the calls of an assignment and reports each. */
  void run(Order.Assignment assignment) throws IOException {
    if (assignment.first() >= assignment.count()) {
      orders.answered(assignment);
      return;
    }
    MethodHandle function;
    ArgumentsReader arguments;
    ArgumentsReader.Parameter[] parameters;
    try {
      Functions.Found found =
          Functions.find(
              assignment.function(), assignment.signature(), () -> reader(assignment).skip());
      function = found.handle();
      parameters = codec.parameters(found.parameters());
      arguments = reader(assignment);
      for (int i = 0; i < assignment.first(); i++) {
        arguments.skip();
      }
    } catch (Throwable e) { // linkage errors of user classes too
      failAll(assignment, FailureReport.of(FailureReport.Kind.DECODE_ERROR, e));
      return;
    }
    GivenUp givenUp = orders.givenUp(assignment);
    for (int i = assignment.first(); i < assignment.count(); i++) {
      outbox.running(assignment.number(), i);
      if (givenUp.contains(i)) { // asked after it is the running one: a later cancel interrupts it
        passOver(arguments);
        fail(assignment, i, FailureReport.notBegun());
      } else {
        call(assignment, i, function, arguments, parameters);
      }
    }
  }

  private static void passOver(ArgumentsReader arguments) {
    try {
      arguments.skip();
    } catch (CodecException e) { // whoever wants the next arguments is told
    }
  }

  private ArgumentsReader reader(Order.Assignment assignment) {
    ByteBuffer json = assignment.arguments();
    if (json == null) {
      throw new CodecException("The arguments are not JSON.");
    }
    return codec.readArguments(json);
  }

  private void call(
      Order.Assignment assignment,
      int index,
      MethodHandle function,
      ArgumentsReader arguments,
      ArgumentsReader.Parameter[] parameters)
      throws IOException {
    FailureReport.Kind kind = FailureReport.Kind.DECODE_ERROR;
    try {
      @Nullable Object[] values = arguments.next(parameters);
      kind = FailureReport.Kind.TASK_ERROR;
      Object result = invoke(function, values);
      kind = FailureReport.Kind.ENCODE_ERROR;
      writer.value(result);
    } catch (Throwable e) { // whatever a function throws is its failure
      boolean outOfMemory = FailureReport.isOutOfMemory(e);
      if (outOfMemory && reserve != null) {
        reserve = null;
      }
      boolean cancelled = outbox.isCancelled();
      fail(assignment, index, FailureReport.of(cancelled ? FailureReport.Kind.CANCELLED : kind, e));
      if (outOfMemory) {
        print("A call ran out of memory; this worker ends, and others take over.\n");
        WorkerMain.outOfMemory();
      }
      return;
    }
    answer(assignment, index);
  }

  private static @Nullable Object invoke(MethodHandle function, @Nullable Object[] arguments)
      throws Throwable {
    return (Object) function.invokeExact(arguments);
  }

  private void answer(Order.Assignment assignment, int index) throws IOException {
    boolean last = isLast(assignment, index);
    if (last) {
      orders.answered(assignment);
    }
    List<Handle> handles = writer.handles();
    if (handles.isEmpty()) {
      outbox.result(assignment.number(), index, writer.buffer(), writer.size(), last);
    } else {
      outbox.resultWithHandles(
          assignment.number(), index, writer.buffer(), writer.size(), handleFields(handles));
    }
  }

  private void failAll(Order.Assignment assignment, FailureReport report) throws IOException {
    GivenUp givenUp = orders.givenUp(assignment);
    for (int i = assignment.first(); i < assignment.count(); i++) {
      fail(assignment, i, givenUp.contains(i) ? FailureReport.notBegun() : report);
    }
  }

  private void fail(Order.Assignment assignment, int index, FailureReport report)
      throws IOException {
    if (functionProcess) {
      orders.abandon();
    } else if (isLast(assignment, index)) {
      orders.answered(assignment);
    }
    outbox.failure(assignment.number(), index, report);
    if (functionProcess) {
      print(report.stackText());
      System.exit(1);
    }
  }

  /** Not on System.err, which a function may have closed or replaced. */
  private static void print(String text) {
    try (FileOutputStream err = new FileOutputStream(FileDescriptor.err)) {
      err.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException unread) { // the parent has the failure
    }
  }

  private static boolean isLast(Order.Assignment assignment, int index) {
    return index == assignment.count() - 1;
  }

  /** The handles as fields of a Payload. */
  private static ProtoWriter handleFields(List<Handle> handles) {
    ProtoWriter payload = new ProtoWriter();
    for (Handle handle : handles) {
      ProtoWriter field = new ProtoWriter();
      if (handle instanceof Handle.Queue queue) {
        field.string(1, queue.queueId());
      } else if (handle instanceof Handle.PipeEnd end) {
        int side = end.side() == Handle.Side.LEFT ? 1 : 2;
        field.message(2, new ProtoWriter().string(1, end.pipeId()).int32(2, side));
      }
      payload.message(5, field);
    }
    return payload;
  }

  /** Finds the SDK when the first handle is met. */
  private Object resolve(Handle handle, Class<?> declared, Type elementType) {
    HandleResolver sdk = resolver;
    if (sdk == null) {
      sdk =
          ServiceLoader.load(HandleResolver.class)
              .findFirst()
              .orElseThrow(() -> new CodecException("The SDK is not on the class path."));
      resolver = sdk;
    }
    return sdk.resolve(handle, declared, elementType);
  }
}
