package dev.forkyard.worker;

import java.nio.ByteBuffer;

/** Builds the WorkerFrame messages. */
final class Frames {
  private static final int PROTOCOL_VERSION = 1;
  private static final String LANGUAGE = "java";

  private Frames() {}

  static ProtoWriter hello(String token) {
    ProtoWriter hello =
        new ProtoWriter().string(1, token).int32(2, PROTOCOL_VERSION).string(3, LANGUAGE);
    return new ProtoWriter().message(1, hello);
  }

  /**
   * Builds ChunkResults.
   *
   * @param json a JSON array with a result for each call
   * @param handles fields of a Payload that list the handles, as protobuf bytes
   */
  static ProtoWriter results(
      int number, int first, int count, ByteBuffer json, ProtoWriter handles) {
    ProtoWriter payload = new ProtoWriter().bytes(1, json).append(handles);
    ProtoWriter results =
        new ProtoWriter().int32(1, number).int32(2, first).int32(3, count).message(4, payload);
    return new ProtoWriter().message(2, results);
  }

  static ProtoWriter failure(int number, int index, FailureReport report) {
    ProtoWriter failure =
        new ProtoWriter()
            .int32(1, report.kind().number())
            .string(2, report.type())
            .string(3, report.message())
            .string(4, report.stackText());
    for (FailureReport.Cause cause : report.causes()) {
      failure.message(5, new ProtoWriter().string(1, cause.type()).string(2, cause.message()));
    }
    failure.string(6, LANGUAGE);
    ProtoWriter call = new ProtoWriter().int32(1, number).int32(2, index).message(3, failure);
    return new ProtoWriter().message(3, call);
  }
}
