package dev.forkyard.server.os;

import dev.forkyard.server.os.SpawnException.Stage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Starts children, one at a time, on the spawn thread. Either all of a child is there afterwards,
 * or nothing.
 */
final class Spawner {
  /** Name of the variable that every child carries. */
  static final String MARKER_NAME = "FORKYARD_YARD";

  private static final Map<String, String> DEFAULT_TERM = Map.of("TERM", "xterm-256color");

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
    long openFiles = limit.softOr(spec.attributes().maxOpenFiles());
    try (ChildStreams streams = ChildStreams.open(spec.stdio())) {
      OwnedPid process = launch(resolved, streams.childSide(), spec.attributes(), openFiles);
      Child child =
          new Child(
              process,
              startTicks(process),
              streams.outputs(spec.output()),
              groups,
              pump,
              streams.input(pump.poller()));
      streams.handOver();
      adopt(child);
      return child;
    }
  }

  private OwnedPid launch(
      Resolved resolved, PosixSpawn.Streams streams, ChildAttributes attributes, long openFiles)
      throws SpawnException {
    OptionalInt umask = attributes.umask();
    int before = umask.isPresent() ? LibC.umask(umask.getAsInt()) : 0;
    try {
      PosixSpawn.Call call = resolved.call(streams);
      int pid = limit.spawn(openFiles, () -> start(call, attributes.nice()));
      if (pid < 0) {
        throw refused(resolved, -pid);
      }
      return new OwnedPid(pid);
    } finally {
      if (umask.isPresent()) {
        LibC.umask(before);
      }
    }
  }

  private int start(PosixSpawn.Call call, OptionalInt nice) throws SpawnException {
    return nice.isPresent()
        ? NiceSpawn.spawn(posixSpawn, call, nice.getAsInt())
        : posixSpawn.spawn(call);
  }

  /** Without it, guard and ledger could not tell the process from one that gets its pid. */
  private static long startTicks(OwnedPid process) throws SpawnException {
    Optional<ProcFs.Stat> stat = ProcFs.stat(process.pid());
    if (stat.isEmpty()) {
      process.destroy();
      throw SpawnException.resources(Sys.EMFILE, "a look at the new process in /proc");
    }
    return stat.get().startTicks();
  }

  private void adopt(Child child) throws SpawnException {
    boolean moving = true;
    for (OutputPipe output : child.outputs()) {
      moving &= pump.start(output);
    }
    ChildInput input = child.input();
    if (!moving || (input != null && !input.start())) {
      child.process().destroy();
      child.releaseInput();
      pump.release(child.outputs());
      throw SpawnException.resources(Sys.ENOSPC, "to watch the streams of the new process");
    }
    groups.opened(child);
  }

  private record Resolved(String program, List<String> argv, List<String> environment, String cwd) {
    PosixSpawn.Call call(PosixSpawn.Streams streams) {
      return new PosixSpawn.Call(program, argv, environment, cwd, streams);
    }
  }

  private Resolved resolve(SpawnSpec spec) throws SpawnException {
    check(spec);
    String cwd = RawText.of(spec.cwd());
    ProgramLookup.checkDirectory(cwd);
    Environment base = spec.clearEnvironment() ? Environment.EMPTY : inherited;
    Environment environment = base.with(spec.environment()).with(marker);
    if (spec.stdio() instanceof Stdio.Terminal && environment.get("TERM") == null) {
      environment = environment.with(DEFAULT_TERM);
    }
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
}
