package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.testing.QueueTestSuiteBuilder;
import com.google.common.collect.testing.TestStringQueueGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.JoinableQueue;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.RemoteQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import junit.framework.TestCase;
import junit.framework.TestSuite;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** A queue as a BlockingQueue of the JDK: the suite for queues of Guava, and what it leaves out. */
@Timeout(120)
class BlockingQueueViewTest {
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  /** Makes queues of the daemon, and deletes those that a test has left. */
  private static final class Queues extends TestStringQueueGenerator {
    private final List<RemoteQueue<String>> made = new ArrayList<>();

    @Override
    protected Queue<String> create(String[] items) {
      RemoteQueue<String> queue = yard.queues().create(String.class);
      made.add(queue);
      Queue<String> view = queue.asBlockingQueue();
      Collections.addAll(view, items);
      return view;
    }

    void deleteAll() {
      made.forEach(RemoteQueue::delete);
      made.clear();
    }
  }

  @TestFactory
  Stream<DynamicTest> keepsTheContractOfJdkQueues() {
    Queues queues = new Queues();
    TestSuite suite =
        QueueTestSuiteBuilder.using(queues)
            .named("view")
            .withFeatures(
                CollectionFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.ALLOWS_NULL_QUERIES,
                CollectionSize.ANY)
            .withTearDown(queues::deleteAll)
            .createTestSuite();
    List<TestCase> tests = new ArrayList<>();
    collect(suite, tests);
    assertThat(tests).hasSizeGreaterThan(100);
    return tests.stream().map(test -> DynamicTest.dynamicTest(test.toString(), test::runBare));
  }

  private static void collect(TestSuite suite, List<TestCase> tests) {
    Collections.list(suite.tests())
        .forEach(
            test -> {
              if (test instanceof TestSuite inner) {
                collect(inner, tests);
              } else {
                tests.add((TestCase) test);
              }
            });
  }

  private static BlockingQueue<Integer> view(int capacity) {
    return yard.queues()
        .create(Integer.class, QueueOptions.defaults().capacity(capacity))
        .asBlockingQueue();
  }

  @Test
  void fullQueueTakesNothingMoreUntilThereIsRoom() throws Exception {
    BlockingQueue<Integer> view = view(2);
    assertThat(view.remainingCapacity()).isEqualTo(2);
    assertThat(view.add(1)).isTrue();
    view.put(2);
    assertThat(view.remainingCapacity()).isZero();
    assertThat(view.offer(3)).isFalse();
    assertThat(view.offer(3, 1, TimeUnit.MILLISECONDS)).isFalse();
    assertThatThrownBy(() -> view.add(3)).isInstanceOf(IllegalStateException.class);
    FutureTask<Boolean> offer =
        new FutureTask<>(() -> view.offer(3, Long.MAX_VALUE, TimeUnit.DAYS));
    new Thread(offer).start();
    assertThat(view.take()).isEqualTo(1);
    assertThat(offer.get()).isTrue();
    assertThat(view).containsExactly(2, 3);
  }

  @Test
  void emptyQueueGivesNothingUntilSomethingIsPut() throws Exception {
    BlockingQueue<Integer> view = view(2);
    assertThat(view.poll()).isNull();
    assertThat(view.poll(1, TimeUnit.MILLISECONDS)).isNull();
    assertThat(view.poll(-1, TimeUnit.DAYS)).isNull();
    assertThat(view.peek()).isNull();
    FutureTask<Integer> take = new FutureTask<>(view::take);
    new Thread(take).start();
    view.put(1);
    assertThat(take.get()).isEqualTo(1);
    FutureTask<Integer> poll = new FutureTask<>(() -> view.poll(Long.MAX_VALUE, TimeUnit.DAYS));
    new Thread(poll).start();
    view.put(2);
    assertThat(poll.get()).isEqualTo(2);
  }

  @Test
  void everythingOrSomeOfItIsDrained() {
    BlockingQueue<Integer> view = view(20_000);
    List<Integer> numbers = QueueTasks.numbers(12_000);
    view.addAll(numbers.subList(0, 3));
    List<Integer> target = new ArrayList<>();
    assertThat(view.drainTo(target, 0)).isZero();
    assertThat(view.drainTo(target, -1)).isZero();
    assertThat(view.drainTo(target, 2)).isEqualTo(2);
    assertThat(view.drainTo(target)).isEqualTo(1);
    assertThat(view.drainTo(target)).isZero();
    assertThat(target).containsExactly(0, 1, 2);
    assertThatThrownBy(() -> view.drainTo(view)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> view.drainTo(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void queueIsDrainedIntoAnotherOneAndNotIntoItself() {
    RemoteQueue<Integer> queue = yard.queues().create(Integer.class);
    BlockingQueue<Integer> view = queue.asBlockingQueue();
    view.addAll(List.of(1, 2, 3));
    BlockingQueue<Integer> same = yard.queues().get(queue.id(), Integer.class).asBlockingQueue();
    assertThatThrownBy(() -> view.drainTo(same)).isInstanceOf(IllegalArgumentException.class);
    assertThat(view).containsExactly(1, 2, 3);
    BlockingQueue<Integer> other = view(5);
    assertThat(view.drainTo(other)).isEqualTo(3);
    assertThat(other).containsExactly(1, 2, 3);
  }

  @Test
  void itemsOfAJoinableQueueThatItsViewHandsOutAreDoneByTaskDone() throws Exception {
    JoinableQueue<Integer> queue = yard.queues().createJoinable(Integer.class);
    BlockingQueue<Integer> view = queue.asBlockingQueue();
    view.addAll(List.of(1, 2, 3, 4));
    assertThat(view.take()).isEqualTo(1);
    assertThat(view.poll()).isEqualTo(2);
    assertThat(view.poll(1, TimeUnit.DAYS)).isEqualTo(3);
    assertThat(view.drainTo(new ArrayList<>())).isEqualTo(1);
    for (int left = 4; left > 0; left--) {
      assertThat(queue.leased()).isEqualTo(left);
      queue.taskDone();
    }
    assertThat(queue.join(Duration.ZERO).died()).isZero();
    assertRefused("TASK_DONE_TOO_MANY", queue::taskDone);
  }

  @Test
  void iteratorGoesOverManyPagesWhileOthersPutAndTake() throws Exception {
    RemoteQueue<Integer> queue = yard.queues().create(Integer.class);
    BlockingQueue<Integer> view = queue.asBlockingQueue();
    List<Integer> numbers = QueueTasks.numbers(2_500);
    queue.putAll(numbers);
    assertThat(view).containsExactlyElementsOf(numbers);
    assertThat(view.stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(IntStream.range(0, 2_500).sum());
    Iterator<Integer> items = view.iterator();
    assertThat(items.next()).isZero();
    assertThat(queue.get()).isZero();
    items.remove(); // it is gone already
    assertThat(view.remove(0)).isFalse();
    assertThat(view.remove(2_000)).isTrue();
    assertThat(view.contains(2_000)).isFalse();
    view.add(9_999);
    List<Integer> rest = new ArrayList<>();
    items.forEachRemaining(rest::add);
    assertThat(rest).hasSize(2_499).endsWith(9_999).doesNotContain(2_000);
    assertThatThrownBy(items::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void drainedQueueHasAnEndForWhoWaitsAndIsEmptyForOthers() throws Exception {
    RemoteQueue<Integer> queue = yard.queues().create(Integer.class);
    BlockingQueue<Integer> view = queue.asBlockingQueue();
    view.add(1);
    queue.shutdown();
    assertRefused("QUEUE_CLOSED", () -> view.add(2));
    assertRefused("QUEUE_CLOSED", () -> view.offer(2));
    assertRefused("QUEUE_CLOSED", () -> view.put(2));
    assertThat(view.take()).isEqualTo(1);
    assertThatThrownBy(view::take).isInstanceOf(QueueEndedException.class);
    assertThatThrownBy(() -> view.poll(1, TimeUnit.DAYS)).isInstanceOf(QueueEndedException.class);
    assertThat(view.poll()).isNull();
    assertThat(view.peek()).isNull();
    assertThat(view.drainTo(new ArrayList<>())).isZero();
    assertThat(view).isEmpty();
    queue.delete();
    assertRefused("QUEUE_NOT_FOUND", view::poll);
    assertRefused("QUEUE_NOT_FOUND", view::size);
    assertRefused("QUEUE_NOT_FOUND", view::take);
  }

  @Test
  void interruptEndsWaitsAndNoOtherOperation() {
    BlockingQueue<Integer> view = view(1);
    Thread.currentThread().interrupt();
    assertThat(view.offer(1)).isTrue();
    assertThat(view.offer(2)).isFalse();
    assertThat(view.peek()).isEqualTo(1);
    assertThat(view.poll()).isEqualTo(1);
    assertThat(view.drainTo(new ArrayList<>())).isZero();
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThatThrownBy(view::take).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
