package dev.forkyard.client;

import com.google.rpc.Code;
import dev.forkyard.client.internal.Refusals;
import dev.forkyard.v1.AckItemsResponse;
import dev.forkyard.v1.CancelReply;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.OpenReply;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PutItemsResponse;
import dev.forkyard.v1.ReleaseItemsResponse;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import dev.forkyard.v1.SessionReplies;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.SessionServiceGrpc;
import dev.forkyard.v1.TakeItemsResponse;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/**
 * One queue on a session stream: takes park, and polls of pipes; everything else is answered at
 * once.
 */
final class FakeSession extends SessionServiceGrpc.SessionServiceImplBase {
  final CountDownLatch parked = new CountDownLatch(1);
  final CountDownLatch ended = new CountDownLatch(1);
  private final TreeMap<Long, Payload> ready = new TreeMap<>();
  private final Map<Long, Payload> leased = new TreeMap<>();
  private final ArrayDeque<SessionCall> takers = new ArrayDeque<>();
  private final Set<Long> pollers = new HashSet<>();
  private final List<Long> acked = new ArrayList<>();
  private final List<Long> unused = new ArrayList<>();
  private final List<Boolean> ahead = new ArrayList<>();
  private long lastItem;
  private final Map<Long, Integer> attempts = new TreeMap<>();
  private int largestTake;
  private int largestPut;

  /** How many wait for a message, which never comes. */
  synchronized int pollers() {
    return pollers.size();
  }

  synchronized int ready() {
    return ready.size();
  }

  synchronized int leased() {
    return leased.size();
  }

  synchronized List<Long> acked() {
    return List.copyOf(acked);
  }

  /** The items that came back as not worked on. */
  synchronized List<Long> unused() {
    return List.copyOf(unused);
  }

  /** Whether each take was for items that are not worked on yet. */
  synchronized List<Boolean> ahead() {
    return List.copyOf(ahead);
  }

  /** Most items that were put at once. */
  synchronized int largestPut() {
    return largestPut;
  }

  synchronized int largestTake() {
    return largestTake;
  }

  synchronized void add(String json) {
    ready.put(++lastItem, Payload.newBuilder().setJson(json).build());
  }

  @Override
  public StreamObserver<SessionCalls> connect(StreamObserver<SessionReplies> replies) {
    return new StreamObserver<>() {
      @Override
      public void onNext(SessionCalls calls) {
        SessionReplies.Builder answers = SessionReplies.newBuilder();
        calls.getCallsList().forEach(call -> handle(call, answers));
        if (answers.getRepliesCount() > 0) {
          replies.onNext(answers.build());
        }
      }

      @Override
      public void onError(Throwable error) {
        ended.countDown();
      }

      @Override
      public void onCompleted() {
        ended.countDown();
        replies.onCompleted();
      }
    };
  }

  private synchronized void handle(SessionCall call, SessionReplies.Builder answers) {
    SessionReply.Builder reply = SessionReply.newBuilder().setNumber(call.getNumber());
    switch (call.getCallCase()) {
      case OPEN -> answers.addReplies(reply.setOpen(OpenReply.newBuilder().setSessionId("s1")));
      case PUT_ITEMS -> {
        largestPut = Math.max(largestPut, call.getPutItems().getItemsCount());
        call.getPutItems().getItemsList().forEach(item -> ready.put(++lastItem, item));
        answers.addReplies(reply.setPutItems(PutItemsResponse.getDefaultInstance()));
      }
      case TAKE_ITEMS -> {
        largestTake = Math.max(largestTake, call.getTakeItems().getMaxItems());
        ahead.add(call.getTakeItems().getAhead());
        takers.add(call);
        parked.countDown();
      }
      case ACK_ITEMS -> {
        for (String token : call.getAckItems().getTokensList()) {
          leased.remove(Long.valueOf(token));
          acked.add(Long.valueOf(token));
        }
        answers.addReplies(reply.setAckItems(AckItemsResponse.getDefaultInstance()));
      }
      case RELEASE_ITEMS -> {
        for (String token : call.getReleaseItems().getTokensList()) {
          ready.put(
              Long.valueOf(token), Objects.requireNonNull(leased.remove(Long.valueOf(token))));
          if (call.getReleaseItems().getUnused()) {
            unused.add(Long.valueOf(token));
          }
        }
        answers.addReplies(reply.setReleaseItems(ReleaseItemsResponse.getDefaultInstance()));
      }
      case POLL_PIPE -> {
        pollers.add(call.getNumber());
        parked.countDown();
      }
      case CANCEL -> cancel(call, reply, answers);
      default -> throw new AssertionError(call);
    }
    serveTakers(answers);
  }

  private void cancel(
      SessionCall call, SessionReply.Builder reply, SessionReplies.Builder answers) {
    long number = call.getCancel().getNumber();
    if (takers.removeIf(taker -> taker.getNumber() == number) || pollers.remove(number)) {
      answers.addReplies(
          SessionReply.newBuilder()
              .setNumber(number)
              .setError(
                  Objects.requireNonNull(
                      StatusProto.fromThrowable(
                          Refusals.of(Code.CANCELLED, "CALL_CANCELLED", "cancelled", Map.of())))));
    }
    answers.addReplies(reply.setCancel(CancelReply.getDefaultInstance()));
  }

  private void serveTakers(SessionReplies.Builder answers) {
    while (!takers.isEmpty() && !ready.isEmpty()) {
      SessionCall taker = takers.remove();
      TakeItemsResponse.Builder items = TakeItemsResponse.newBuilder();
      while (items.getItemsCount() < taker.getTakeItems().getMaxItems() && !ready.isEmpty()) {
        Map.Entry<Long, Payload> first = Objects.requireNonNull(ready.pollFirstEntry());
        leased.put(first.getKey(), first.getValue());
        items.addItems(
            LeasedItem.newBuilder()
                .setToken(Long.toString(first.getKey()))
                .setPayload(first.getValue())
                .setAttempt(attempts.merge(first.getKey(), 1, Integer::sum)));
      }
      answers.addReplies(
          SessionReply.newBuilder().setNumber(taker.getNumber()).setTakeItems(items));
    }
  }
}
