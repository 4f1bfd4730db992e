package dev.forkyard.server.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Fault;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What keeps one thing alive. A thing that has an owner lives as long as the session of its owner,
 * a session that was given it, or a handle to it that is in flight. A handle that is inside of
 * another thing counts while that thing lives; so things that nothing keeps but each other end. A
 * thing without an owner is ended by name only.
 *
 * <p>Thread-safe. There is one lock for all things, because the life of one may depend on others.
 * Entities call in while they hold their own, and it calls sessions; things end outside of it.
 */
public final class Keepers {
  private static final Object LOCK = new Object();

  /**
   * What this thread is about to end. A thing that ends lets go of what is inside of it, which may
   * end then, and so on: they end one after the other, not one within the other.
   */
  private static final ThreadLocal<@Nullable Afterwards> ENDS = new ThreadLocal<>();

  private final @Nullable Session owner;

  @GuardedBy("LOCK")
  private Runnable end = () -> {};

  /** The owner, and those who were given it. */
  @GuardedBy("LOCK")
  private final Set<Session> sessions = new HashSet<>();

  /** How many handles are inside of which things; those that are inside of none under null. */
  @GuardedBy("LOCK")
  private final Map<@Nullable Keepers, Integer> handles = new HashMap<>();

  @GuardedBy("LOCK")
  private boolean ended;

  /** Of a new thing, which lives until {@link #begin} at least. */
  public Keepers(Owner owner) {
    this.owner = owner.session();
    if (this.owner != null) {
      sessions.add(this.owner);
    }
  }

  /** The session of its owner; null for a thing without one. */
  public @Nullable Session owner() {
    return owner;
  }

  /**
   * Ends the thing from now on when nothing keeps it.
   *
   * @throws Fault SESSION_NOT_FOUND when the owner has ended
   */
  void begin(Runnable itsEnd) {
    synchronized (LOCK) {
      end = itsEnd;
      if (owner != null && !ended) {
        noteKeeping(owner);
      }
    }
  }

  @GuardedBy("LOCK")
  private void noteKeeping(Session session) {
    session.onEnd(Keepers.class, () -> sessionEnded(session));
    session.keeps.add(this);
  }

  /** Has a session keep it too, until it ends. Does nothing for one that has ended. */
  public void add(Session session) {
    synchronized (LOCK) {
      if (owner == null || ended || !sessions.add(session)) {
        return;
      }
      try {
        noteKeeping(session);
      } catch (Fault hasEnded) {
        sessions.remove(session);
      }
    }
  }

  /** Has a session keep it no more. */
  public void remove(Session session, Afterwards after) {
    synchronized (LOCK) {
      if (sessions.remove(session)) {
        session.keeps.remove(this);
        endUnkept(List.of(this), after);
      }
    }
  }

  private static void sessionEnded(Session session) {
    Afterwards after = new Afterwards();
    synchronized (LOCK) {
      for (Keepers kept : session.keeps) {
        kept.sessions.remove(session);
      }
      endUnkept(session.keeps, after);
      session.keeps.clear();
    }
    after.run();
  }

  /**
   * Keeps it for a handle.
   *
   * @param inside of the thing that the handle is inside of; null for none
   * @return null when it has ended
   */
  @Nullable Hold hold(@Nullable Keepers inside) {
    Keepers place = inside == null || inside.owner == null ? null : inside;
    synchronized (LOCK) {
      if (ended) {
        return null;
      }
      handles.merge(place, 1, Integer::sum);
    }
    return new HandleHold(this, place);
  }

  private static final class HandleHold implements Hold {
    private final Keepers target;
    private final @Nullable Keepers place;

    @GuardedBy("LOCK")
    private boolean released;

    HandleHold(Keepers target, @Nullable Keepers place) {
      this.target = target;
      this.place = place;
    }

    @Override
    public void shareWith(Session session) {
      target.add(session);
    }

    @Override
    public void release() {
      Afterwards after = new Afterwards();
      synchronized (LOCK) {
        if (!released) {
          released = true;
          target.handles.computeIfPresent(
              place, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1));
          if (!target.isHeld()) {
            endUnkept(List.of(target), after);
          }
        }
      }
      after.run();
    }
  }

  /** The thing has ended, for whatever reason. */
  void ended() {
    synchronized (LOCK) {
      ended = true;
      for (Session session : sessions) {
        session.keeps.remove(this);
      }
      sessions.clear();
    }
  }

  @GuardedBy("LOCK")
  private static void endUnkept(Collection<Keepers> letGo, Afterwards after) {
    for (Keepers unkept : unkept(letGo)) {
      unkept.ended = true;
      Runnable itsEnd = unkept.end;
      after.add(() -> endInTurn(itsEnd));
    }
  }

  /**
   * What ends when these were let go: those that nothing keeps, and whatever handles to them are
   * inside of and nothing keeps either. Looks at nothing else, and at everything once.
   */
  @GuardedBy("LOCK")
  private static Collection<Keepers> unkept(Collection<Keepers> letGo) {
    Map<Keepers, List<Keepers>> contents = new HashMap<>();
    Set<Keepers> unkept = new LinkedHashSet<>();
    ArrayDeque<Keepers> kept = new ArrayDeque<>();
    Set<Keepers> seen = new HashSet<>(letGo);
    ArrayDeque<Keepers> unseen = new ArrayDeque<>(letGo);
    for (Keepers next = unseen.poll(); next != null; next = unseen.poll()) {
      if (next.isHeld()) {
        kept.add(next);
      } else if (!next.ended) {
        unkept.add(next);
        for (Keepers place : next.handles.keySet()) {
          contents.computeIfAbsent(place, none -> new ArrayList<>()).add(next);
          if (seen.add(place)) {
            unseen.add(place);
          }
        }
      }
    }
    for (Keepers next = kept.poll(); next != null; next = kept.poll()) {
      for (Keepers content : contents.getOrDefault(next, List.of())) {
        if (unkept.remove(content)) {
          kept.add(content);
        }
      }
    }
    return unkept;
  }

  /** Whether it lives whatever the things live or not that handles to it are inside of. */
  @GuardedBy("LOCK")
  private boolean isHeld() {
    return !ended && (owner == null || !sessions.isEmpty() || handles.containsKey(null));
  }

  private static void endInTurn(Runnable itsEnd) {
    Afterwards others = ENDS.get();
    if (others != null) {
      others.add(itsEnd);
      return;
    }
    Afterwards ends = new Afterwards();
    ends.add(itsEnd);
    ENDS.set(ends);
    try {
      ends.run();
    } finally {
      ENDS.remove();
    }
  }
}
