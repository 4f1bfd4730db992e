package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.Wait;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests of one method repeatable: a request that comes again under its id is not carried
 * out again, but gets the answer of the first. Refusals are not remembered. Thread-safe.
 *
 * <p>It keeps a hash of the request and a small answer, bounded in number, in bytes and in time.
 */
final class RequestMemory<A> {
  private static final int MOST_ID_BYTES = 128;

  private final Limits limits;
  private final Clock clock;
  private final Answers<A> answers;
  private final Waiters<Joined<A>> joined;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<String, UnderWay> underWay = new HashMap<>();

  @GuardedBy("lock")
  private final LinkedHashMap<String, Answered<A>> answered = new LinkedHashMap<>();

  @GuardedBy("lock")
  private long bytes;

  /** What is remembered at most. */
  record Limits(int requests, long bytes, Duration time) {
    static final Limits DEFAULT = new Limits(65_536, 16L << 20, Duration.ofMinutes(10));
  }

  /**
   * How answers are kept.
   *
   * @param refresh makes a remembered answer true again, where it can
   * @param size bytes that an answer takes
   */
  record Answers<A>(UnaryOperator<A> refresh, ToLongFunction<A> size) {
    /** Answers that say nothing but that it was done. */
    static final Answers<Done> DONE = new Answers<>(UnaryOperator.identity(), done -> 0);
  }

  private record Answered<A>(ByteString hash, A answer, long bytes, Instant until) {}

  private record Joined<A>(Object first, Reply<A> reply) {}

  /** What is remembered as long and as much as usual. */
  static <A> RequestMemory<A> usual(Scheduler scheduler, WaiterLimit waiters, Answers<A> answers) {
    return new RequestMemory<>(Limits.DEFAULT, Clock.systemUTC(), scheduler, waiters, answers);
  }

  RequestMemory(
      Limits limits, Clock clock, Scheduler scheduler, WaiterLimit waiters, Answers<A> answers) {
    this.limits = limits;
    this.clock = clock;
    this.answers = answers;
    this.joined = new Waiters<>(scheduler, waiters);
  }

  /**
   * Carries out an operation, unless the request has been carried out or is under way.
   *
   * @param id of the request; empty for one that is not remembered
   * @param operation is given a reply whose caller is gone when all who sent the request are; it is
   *     run again when it was given up and somebody has sent the request meanwhile
   * @throws Fault INVALID_ARGUMENT, REQUEST_ID_REUSED, or what the operation throws
   */
  void run(String id, MessageLite request, Reply<A> reply, Consumer<Reply<A>> operation) {
    if (id.isEmpty()) {
      operation.accept(reply);
      return;
    }
    check(id);
    ByteString hash = hash(request);
    A known = null;
    UnderWay first = null;
    Wait wait = null;
    synchronized (lock) {
      forgetOld();
      UnderWay earlier = underWay.get(id);
      Answered<A> done = answered.get(id);
      if (done != null) {
        checkSame(id, hash, done.hash());
        known = done.answer();
      } else if (earlier != null) {
        checkSame(id, hash, earlier.hash);
        wait = earlier.join(reply);
      } else {
        first = new UnderWay(id, hash, reply, operation);
        underWay.put(id, first);
      }
    }
    if (known != null) {
      reply.answer(answers.refresh().apply(known));
    } else if (first != null) {
      reply.whenGone(first::left);
      first.carryOut();
    } else if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  /** A request that has no answer yet, and the reply of its operation; told apart by identity. */
  private final class UnderWay implements Reply<A> {
    private final String id;
    private final ByteString hash;
    private final Reply<A> caller;
    private final Consumer<Reply<A>> operation;

    /** How many wait for the answer; guarded by the lock of the memory, as what follows. */
    private int callers = 1;

    private @Nullable Runnable whenGone;
    private boolean givenUp;

    private UnderWay(String id, ByteString hash, Reply<A> caller, Consumer<Reply<A>> operation) {
      this.id = id;
      this.hash = hash;
      this.caller = caller;
      this.operation = operation;
    }

    /** Lets another caller wait for the answer. Called under the lock. */
    private Wait join(Reply<A> reply) {
      Wait wait = joined.park(new Joined<>(this, reply), null, how -> left());
      callers++;
      return wait;
    }

    private void carryOut() {
      try {
        operation.accept(this);
      } catch (Fault fault) {
        refuse(fault);
      } catch (RuntimeException bug) {
        refuse(Refusals.bug("a call with a request_id", bug));
      }
    }

    /** A caller is gone; the last one ends an operation that lets itself be ended. */
    private void left() {
      Runnable action = null;
      synchronized (lock) {
        callers--;
        if (callers == 0 && whenGone != null) {
          action = whenGone;
          givenUp = true;
        }
      }
      if (action != null) {
        action.run();
      }
    }

    @Override
    public void whenGone(Runnable action) {
      synchronized (lock) {
        whenGone = action;
        if (callers > 0) {
          return;
        }
        givenUp = true;
      }
      action.run();
    }

    @Override
    public void answer(A answer) {
      synchronized (lock) {
        if (underWay.remove(id, this)) {
          remember(id, hash, answer);
        }
      }
      caller.answer(answer);
      joined.claimAllIf(this::isSame).forEach(call -> call.reply().answer(answer));
    }

    @Override
    public void refuse(Fault fault) {
      if (isWantedAgain()) {
        carryOut();
        return;
      }
      caller.refuse(fault);
      joined.claimAllIf(this::isSame).forEach(call -> call.reply().refuse(fault));
    }

    /** Whether it was given up and somebody sent it meanwhile; it is forgotten otherwise. */
    private boolean isWantedAgain() {
      synchronized (lock) {
        boolean again = givenUp && callers > 0;
        givenUp = false;
        whenGone = null;
        if (!again) {
          underWay.remove(id, this);
        }
        return again;
      }
    }

    private boolean isSame(Joined<A> call) {
      return call.first() == this;
    }
  }

  @GuardedBy("lock")
  private void remember(String id, ByteString hash, A answer) {
    long size = id.length() + hash.size() + answers.size().applyAsLong(answer);
    answered.put(id, new Answered<>(hash, answer, size, clock.instant().plus(limits.time())));
    bytes += size;
    forgetOld();
  }

  @GuardedBy("lock")
  private void forgetOld() {
    Instant now = clock.instant();
    Iterator<Answered<A>> oldest = answered.values().iterator();
    while (oldest.hasNext()) {
      Answered<A> one = oldest.next();
      boolean tooMuch = answered.size() > limits.requests() || bytes > limits.bytes();
      if (!tooMuch && one.until().isAfter(now)) {
        return;
      }
      bytes -= one.bytes();
      oldest.remove();
    }
  }

  private static void check(String id) {
    if (id.getBytes(StandardCharsets.UTF_8).length > MOST_ID_BYTES) {
      throw Fault.invalid("request_id", "request_id must have at most " + MOST_ID_BYTES + " bytes.")
          .with("limit", MOST_ID_BYTES);
    }
  }

  private static void checkSame(String id, ByteString hash, ByteString earlier) {
    if (!hash.equals(earlier)) {
      throw new Fault(
              Reason.REQUEST_ID_REUSED,
              "Another request had the request_id \""
                  + id
                  + "\"; give each request an id of its own, and repeat it unchanged.")
          .with("request_id", id);
    }
  }

  private static ByteString hash(MessageLite request) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      CodedOutputStream bytes =
          CodedOutputStream.newInstance(
              new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      // maps have no order of their own
      bytes.useDeterministicSerialization();
      request.writeTo(bytes);
      bytes.flush();
      return ByteString.copyFrom(digest.digest());
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
