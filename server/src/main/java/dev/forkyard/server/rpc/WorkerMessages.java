package dev.forkyard.server.rpc;

import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.UnaryWorker;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.v1.Assign;
import dev.forkyard.v1.Cancel;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.PollTaskResponse;
import dev.forkyard.v1.WorkerTask;

/** The work of workers on the wire. */
final class WorkerMessages {
  private WorkerMessages() {}

  static DaemonFrame assign(Assignment assignment) {
    Assign assign =
        Assign.newBuilder()
            .setNumber(assignment.number())
            .setFunction(FunctionMessages.wire(assignment.function()))
            .setFirst(assignment.first())
            .setCount(assignment.count())
            .setArguments(Payloads.wire(assignment.arguments()))
            .build();
    return DaemonFrame.newBuilder().setAssign(assign).build();
  }

  static DaemonFrame cancel(int number, int index, boolean running) {
    Cancel.Builder cancel = Cancel.newBuilder().setNumber(number).setRunning(running);
    if (index != WorkerLink.EVERY_CALL) {
      cancel.setIndex(index);
    }
    return DaemonFrame.newBuilder().setCancel(cancel).build();
  }

  static Results results(ChunkResults results) {
    return new Results(
        results.getNumber(),
        results.getFirst(),
        results.getCount(),
        Payloads.of("results.results", results.getResults()));
  }

  static PollTaskResponse wire(UnaryWorker.Polled polled) {
    PollTaskResponse.Builder response =
        PollTaskResponse.newBuilder().setTimedOut(polled.timedOut()).setDrain(polled.drain());
    UnaryWorker.Task task = polled.task();
    if (task != null) {
      response.setTask(
          WorkerTask.newBuilder()
              .setCallId(task.callId())
              .setFunction(FunctionMessages.wire(task.function()))
              .setArguments(Payloads.wire(task.arguments())));
    }
    return response.build();
  }
}
