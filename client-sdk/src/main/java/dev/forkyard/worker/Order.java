package dev.forkyard.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What the daemon tells a worker to do. */
sealed interface Order {
  /**
   * Run calls.
   *
   * @param number number of the assignment
   * @param function name of the function
   * @param signature its method descriptor, empty where the name is enough
   * @param first index of the first call to run
   * @param count how many calls the arguments hold, the skipped ones included
   * @param arguments UTF-8 text of a JSON array with an array for each call, null if there is none
   */
  record Assignment(
      int number,
      String function,
      String signature,
      int first,
      int count,
      @Nullable ByteBuffer arguments)
      implements Order {}

  /** Finish what was assigned, then exit. */
  record Drain() implements Order {}

  /**
   * Give up calls of an assignment.
   *
   * @param number number of the assignment
   * @param index index of the only call that is meant, or {@link #ALL}
   * @param running true if a call that has begun is meant too
   */
  record Cancel(int number, int index, boolean running) implements Order {
    /** Every call of the assignment. */
    static final int ALL = -1;

    /** True if this call is meant. */
    boolean means(int assignment, int call) {
      return number == assignment && (index == call || index == ALL);
    }
  }

  /** Reads a DaemonFrame; null for one that this version does not know. */
  static @Nullable Order read(byte[] frame) throws IOException {
    ProtoReader in = new ProtoReader(frame);
    Order order = null;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> order = readAssignment(in.message());
        case 2 -> {
          in.skip();
          order = new Drain();
        }
        case 3 -> order = readCancel(in.message());
        default -> in.skip();
      }
    }
    return order;
  }

  private static Assignment readAssignment(ProtoReader in) throws IOException {
    int number = 0;
    String[] function = {"", ""};
    int first = 0;
    int count = 0;
    ByteBuffer arguments = null;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> number = in.int32();
        case 2 -> function = readFunction(in.message());
        case 3 -> first = in.int32();
        case 4 -> count = in.int32();
        case 5 -> arguments = readJson(in.message());
        default -> in.skip();
      }
    }
    return new Assignment(number, function[0], function[1], first, count, arguments);
  }

  private static Cancel readCancel(ProtoReader in) throws IOException {
    int number = 0;
    int index = Cancel.ALL;
    boolean running = false;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> number = in.int32();
        case 2 -> index = in.int32();
        case 3 -> running = in.int32() != 0;
        default -> in.skip();
      }
    }
    return new Cancel(number, index, running);
  }

  private static String[] readFunction(ProtoReader in) throws IOException {
    String[] function = {"", ""};
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> function[0] = in.string();
        case 2 -> function[1] = in.string();
        default -> in.skip();
      }
    }
    return function;
  }

  private static @Nullable ByteBuffer readJson(ProtoReader in) throws IOException {
    ByteBuffer json = null;
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1) {
        json = in.bytes();
      } else {
        in.skip();
      }
    }
    return json;
  }
}
