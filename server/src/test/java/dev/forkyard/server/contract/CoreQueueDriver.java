package dev.forkyard.server.contract;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.queue.ItemDeath;
import dev.forkyard.server.queue.LostTaker;
import dev.forkyard.server.queue.PeekRequest;
import dev.forkyard.server.queue.Peeked;
import dev.forkyard.server.queue.PeekedItem;
import dev.forkyard.server.queue.Place;
import dev.forkyard.server.queue.PutRequest;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.QueueOptions;
import dev.forkyard.server.queue.QueueSnapshot;
import dev.forkyard.server.queue.ReleaseRequest;
import dev.forkyard.server.queue.TakeRequest;
import dev.forkyard.server.queue.Taken.TakenItem;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Queues without a transport. A call that waits for some time lets that time pass. */
final class CoreQueueDriver implements QueueDriver {
  final FakeScheduler scheduler = new FakeScheduler();
  final Sessions sessions = new Sessions(100);
  final WaiterLimit waiters = new WaiterLimit(10);
  private final QueueManager manager =
      new QueueManager(100, new Handles(), scheduler.clock(), scheduler, waiters);

  @Override
  public String create(Options options) {
    QueueOptions core =
        QueueOptions.of(
            options.capacity(),
            options.capacityBytes(),
            options.maxPriority(),
            options.deadAfterCrashes(),
            options.deadAfterReleases());
    return manager.create("", core, new Owner(null)).id();
  }

  @Override
  public String openSession() {
    return sessions.open().id();
  }

  @Override
  public void endSession(String session) {
    sessions.end(sessions.get(session), Ending.BROKEN);
  }

  @Override
  public void end() {
    sessions.endAll();
  }

  private void pass(@Nullable Duration timeout) {
    if (timeout != null) {
      scheduler.pass(timeout);
    }
  }

  @Override
  public Call<Void> put(
      String queue, String session, @Nullable Duration timeout, List<String> values, About about) {
    Call<Void> call =
        CoreCalls.<Done, Void>make(
            reply ->
                manager.put(
                    queue,
                    PutRequest.of(Text.all(values), about.priority(), about.attributes(), timeout),
                    reply),
            done -> CoreCalls.nothing());
    pass(timeout);
    return call;
  }

  @Override
  public Call<Taken> take(String queue, String session, Wish wish) {
    Call<Taken> call =
        CoreCalls.make(
            reply ->
                manager.take(
                    queue,
                    new TakeRequest(
                        wish.most(),
                        wish.number(),
                        wish.timeout(),
                        sessions.getIfNamed(session),
                        wish.lease(),
                        TakeRequest.Mode.valueOf(wish.mode().name())),
                    reply),
            CoreQueueDriver::taken);
    pass(wish.timeout());
    return call;
  }

  private static Taken taken(dev.forkyard.server.queue.Taken taken) {
    List<TakenItem> items = taken.items();
    return new Taken(
        Text.values(items.stream().map(TakenItem::payload).toList()),
        items.stream().map(TakenItem::token).toList(),
        items.stream().map(TakenItem::attempt).toList(),
        items.stream().map(TakenItem::number).toList(),
        items.stream().map(TakenItem::attributes).toList(),
        taken.timedOut(),
        taken.end());
  }

  @Override
  public Call<View> peek(
      String queue,
      String session,
      int most,
      @Nullable Duration timeout,
      boolean deadLetters,
      String after) {
    Call<View> call =
        CoreCalls.make(
            reply ->
                manager.peek(
                    queue, new PeekRequest(most, timeout, deadLetters, Place.parse(after)), reply),
            CoreQueueDriver::view);
    pass(timeout);
    return call;
  }

  private static View view(Peeked peeked) {
    return new View(
        peeked.items().stream().map(CoreQueueDriver::seen).toList(),
        peeked.timedOut(),
        peeked.end(),
        peeked.nextToken());
  }

  private static Seen seen(PeekedItem item) {
    ItemDeath death = item.death();
    return new Seen(
        item.number(),
        Text.values(List.of(item.payload())).get(0),
        item.priority(),
        item.attributes(),
        item.attempts(),
        item.releases(),
        item.crashes(),
        item.lastCrashes().stream().map(LostTaker::how).toList(),
        death == null ? "" : death.cause().name(),
        death == null ? "" : death.reason());
  }

  @Override
  public Call<Void> ack(String queue, String session, List<String> tokens) {
    return CoreCalls.make(() -> manager.ack(queue, tokens));
  }

  @Override
  public Call<Void> release(
      String queue, String session, List<String> tokens, Return way, String reason) {
    return CoreCalls.make(
        () ->
            manager.release(
                queue,
                new ReleaseRequest(tokens, ReleaseRequest.Mode.valueOf(way.name()), reason)));
  }

  @Override
  public Call<Void> extend(String queue, String session, List<String> tokens, Duration lease) {
    return CoreCalls.make(() -> manager.extend(queue, tokens, lease));
  }

  @Override
  public Call<Drained> drain(String queue, String session, @Nullable Duration timeout) {
    Call<Drained> call =
        CoreCalls.<dev.forkyard.server.queue.Drained, Drained>make(
            reply -> manager.awaitDrained(queue, timeout, reply),
            drained -> new Drained(drained.timedOut(), drained.unfinished(), drained.died()));
    pass(timeout);
    return call;
  }

  @Override
  public void close(String queue, boolean immediately) {
    manager.close(queue, immediately);
  }

  @Override
  public int clear(String queue, boolean deadLetters) {
    return manager.clear(queue, deadLetters);
  }

  @Override
  public Call<Integer> restore(String queue, List<Long> numbers) {
    return CoreCalls.<Integer, Integer>make(
        reply -> reply.answer(manager.restore(queue, Set.copyOf(numbers))), count -> count);
  }

  @Override
  public void delete(String queue) {
    manager.delete(queue);
  }

  @Override
  public State state(String queue) {
    QueueSnapshot state = manager.get(queue);
    return new State(
        state.counts().ready(),
        state.counts().leased(),
        state.waitingPutters(),
        state.waitingTakers(),
        state.closed());
  }
}
