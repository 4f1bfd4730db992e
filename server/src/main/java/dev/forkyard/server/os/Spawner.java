package dev.forkyard.server.os;

import dev.forkyard.server.os.SpawnException.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts children, one at a time, on the spawn thread. Either all of a child is there afterwards,
 * or nothing.
 */
final class Spawner {
  /** Name of the variable that every child carries. */
  static final String MARKER_NAME = "FORKYARD_YARD";

  private final Environment inherited;
  private final Map<String, String> marker;
  private final DescriptorLimit limit;
  private final PosixSpawn posixSpawn;
  private final OutputPump pump;
  private final ProcessGroups groups;

  Spawner(
      Environment inherited,
      String marker,
      DescriptorLimit limit,
      PosixSpawn posixSpawn,
      OutputPump pump,
      ProcessGroups groups) {
    this.inherited = inherited;
    this.marker = Map.of(MARKER_NAME, marker);
    this.limit = limit;
    this.posixSpawn = posixSpawn;
    this.pump = pump;
    this.groups = groups;
  }

  /**
   * Starts a process, whose end nobody watches yet.
   *
   * @throws SpawnException when nothing was started
   */
  Child spawn(SpawnSpec spec) throws SpawnException {
    Resolved resolved = resolve(spec);
    try (Attempt attempt = new Attempt()) {
      int[] stdout = attempt.pipe();
      int[] stderr = attempt.pipe();
      int pid = posixSpawn.spawn(resolved.call(stdout[1], stderr[1]));
      if (pid < 0) {
        throw refused(resolved, -pid);
      }
      limit.giveBack(pid);
      OwnedPid process = new OwnedPid(pid);
      long startTicks = ProcFs.stat(pid).map(ProcFs.Stat::startTicks).orElse(0L);
      Child child =
          new Child(
              process,
              startTicks,
              new OutputPipe(stdout[0], spec.output().stdout()),
              new OutputPipe(stderr[0], spec.output().stderr()),
              groups,
              pump,
              null);
      adopt(child, attempt);
      return child;
    }
  }

  private void adopt(Child child, Attempt attempt) throws SpawnException {
    attempt.keepReadEnds();
    boolean moving = true;
    for (OutputPipe output : child.outputs()) {
      moving &= pump.start(output);
    }
    if (!moving) {
      child.process().destroy();
      pump.release(child.outputs());
      throw SpawnException.resources(Sys.ENOSPC, "to watch the output of the new process");
    }
    groups.opened(child);
  }

  private record Resolved(String program, List<String> argv, List<String> environment, String cwd) {
    PosixSpawn.Call call(int stdout, int stderr) {
      return new PosixSpawn.Call(
          program, argv, environment, cwd, PosixSpawn.NULL_DEVICE, stdout, stderr);
    }
  }

  private Resolved resolve(SpawnSpec spec) throws SpawnException {
    check(spec);
    String cwd = RawText.of(spec.cwd());
    ProgramLookup.checkDirectory(cwd);
    Environment base = spec.clearEnvironment() ? Environment.EMPTY : inherited;
    Environment environment = base.with(spec.environment()).with(marker);
    List<String> argv = spec.argv().stream().map(RawText::of).toList();
    String program = ProgramLookup.find(argv.get(0), environment.get("PATH"), cwd);
    return new Resolved(program, argv, environment.entries(), cwd);
  }

  private static void check(SpawnSpec spec) throws SpawnException {
    if (spec.argv().isEmpty()) {
      throw SpawnException.arguments("argv is empty. Give the program and its arguments.");
    }
    for (String argument : spec.argv()) {
      refuseZero(argument, "An argument");
    }
    refuseZero(spec.cwd(), "The working directory");
    for (Map.Entry<String, String> variable : spec.environment().entrySet()) {
      refuseZero(variable.getValue(), "The value of an environment variable");
      refuseZero(variable.getKey(), "The name of an environment variable");
      if (variable.getKey().isEmpty() || variable.getKey().indexOf('=') >= 0) {
        throw SpawnException.arguments(
            "\"%s\" cannot name an environment variable. Use a name that is not empty and has no '='."
                .formatted(variable.getKey()));
      }
    }
  }

  private static void refuseZero(String text, String what) throws SpawnException {
    if (text.indexOf('\0') >= 0) {
      throw SpawnException.arguments(
          what + " holds a zero character, which no program can be given. Remove it.");
    }
  }

  private static SpawnException refused(Resolved what, int errno) {
    String program = RawText.shown(what.program());
    return switch (errno) {
      case Sys.E2BIG ->
          new SpawnException(
              Stage.ARGUMENTS,
              errno,
              program,
              "Arguments and environment are longer than the operating system allows. Pass long data in a file or on standard input.");
      case Sys.EAGAIN, Sys.ENOMEM, Sys.EMFILE, Sys.ENFILE ->
          SpawnException.resources(errno, "to start " + program);
      case Sys.ENOENT -> vanished(what, program);
      case Sys.ENOEXEC ->
          new SpawnException(
              Stage.EXEC,
              errno,
              program,
              program
                  + " is no program for this machine. A script needs a first line such as #!/bin/sh.");
      default ->
          new SpawnException(
              Stage.EXEC,
              errno,
              program,
              "%s cannot be executed: %s.".formatted(program, Sys.errnoText(errno)));
    };
  }

  private static SpawnException vanished(Resolved what, String program) {
    try {
      ProgramLookup.checkDirectory(what.cwd());
      ProgramLookup.find(what.program(), null, what.cwd());
    } catch (SpawnException e) {
      return e;
    }
    return new SpawnException(
        Stage.EXEC,
        Sys.ENOENT,
        program,
        program
            + " is there, but what runs it is not: check the interpreter in its first line, or its dynamic loader.");
  }

  /** Descriptors that go away again unless the attempt succeeds. */
  private static final class Attempt implements AutoCloseable {
    private final List<Integer> readEnds = new ArrayList<>();
    private final List<Integer> writeEnds = new ArrayList<>();

    int[] pipe() throws SpawnException {
      int[] ends = new int[2];
      int error = Sys.pipe(ends);
      if (error < 0) {
        throw SpawnException.resources(-error, "a pipe for the output of the new process");
      }
      readEnds.add(ends[0]);
      writeEnds.add(ends[1]);
      Sys.setNonBlocking(ends[0], Sys.O_RDONLY);
      return ends;
    }

    /** The output pump owns them now. */
    void keepReadEnds() {
      readEnds.clear();
    }

    @Override
    public void close() {
      writeEnds.forEach(Sys::close);
      readEnds.forEach(Sys::close);
    }
  }
}
