package dev.forkyard.server.process;

import dev.forkyard.server.core.EventLog;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One watch: a list of what is there, then what happens. For one thread at a time, but {@link
 * #close}.
 *
 * <p>The list is not made at one moment. So it remembers the revisions of those that changed while
 * it was made, and leaves out the events that the listed state contains already.
 */
public final class ProcessWatch {
  private final EventLog<ProcessEvent>.Cursor cursor;
  private final Predicate<ProcessSnapshot> filter;
  private final EventLog<ProcessEvent> events;
  private final Map<String, Long> changed = new HashMap<>();
  private @Nullable Iterator<OwnedProcess> toList;
  private boolean listIsComplete;

  /** Revision until which events may be contained in the list. */
  private long listedUntil;

  /**
   * @param afterRevision 0, or any revision that is not remembered, begins with a list
   * @param all everything there is, asked for after the place in the log was taken
   * @param wake as for {@link EventLog#after}
   */
  ProcessWatch(
      EventLog<ProcessEvent> events,
      long afterRevision,
      Supplier<List<OwnedProcess>> all,
      Predicate<ProcessSnapshot> filter,
      Runnable wake) {
    this.events = events;
    this.filter = filter;
    boolean goesOn = afterRevision > 0 && events.remembersAfter(afterRevision);
    this.cursor = events.after(goesOn ? afterRevision : events.revision(), wake);
    this.toList = goesOn ? null : all.get().iterator();
    if (!goesOn) {
      leaveOutWhatIsGone();
    }
  }

  /** What was deleted before everything was asked for is not listed, so nothing of it is told. */
  private void leaveOutWhatIsGone() {
    long before = cursor.revision();
    long until = events.revision();
    EventLog<ProcessEvent>.Cursor meanwhile = events.after(before, () -> {});
    while (meanwhile.revision() < until) {
      ProcessEvent event = meanwhile.next();
      if (event != null
          && event.kind() == ProcessEvent.Kind.DELETED
          && event.process().firstRevision() <= before) {
        changed.put(event.process().id(), event.process().revision());
      }
    }
  }

  /** Revision up to which everything was told; 0 until the list is complete. */
  public long revision() {
    return toList == null ? cursor.revision() : 0;
  }

  /** True once, after the last process of the list. */
  public boolean takeListComplete() {
    boolean now = listIsComplete;
    listIsComplete = false;
    return now;
  }

  /**
   * The next event; null when there is none yet, or the list is complete.
   *
   * @throws dev.forkyard.server.core.Fault WATCH_TOO_SLOW
   */
  public @Nullable ProcessEvent next() {
    if (toList != null) {
      return nextListed(toList);
    }
    ProcessEvent event;
    do {
      event = cursor.next();
    } while (event != null && (isListed(event) || !filter.test(event.process())));
    return event;
  }

  private @Nullable ProcessEvent nextListed(Iterator<OwnedProcess> rest) {
    while (rest.hasNext()) {
      OwnedProcess process = rest.next();
      ProcessSnapshot now = process.snapshot();
      boolean isThere = !process.isForgotten();
      if (!isThere) {
        now = process.snapshot();
      }
      if (!filter.test(now)) {
        continue;
      }
      if (now.revision() > cursor.revision()) {
        changed.put(now.id(), now.revision());
      }
      // of one that has not been started yet the start will be told
      if (isThere && now.revision() > 0) {
        return new ProcessEvent(ProcessEvent.Kind.LISTED, now);
      }
    }
    toList = null;
    listIsComplete = true;
    listedUntil = events.revision();
    return null;
  }

  private boolean isListed(ProcessEvent event) {
    if (changed.isEmpty()) {
      return false;
    }
    long revision = event.process().revision();
    Long listed = changed.get(event.process().id());
    if (revision >= listedUntil) {
      changed.clear();
    }
    return listed != null && revision <= listed;
  }

  /** Watches no more. */
  public void close() {
    cursor.close();
  }
}
