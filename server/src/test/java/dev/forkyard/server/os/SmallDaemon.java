package dev.forkyard.server.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A program that owns children, for tests that need a JVM of its own. */
final class SmallDaemon {
  static final int CHILDREN = 50;

  private SmallDaemon() {}

  public static void main(String[] args) throws SpawnException, IOException {
    try (Yard yard = new Yard(Path.of(args[1]))) {
      switch (args[0]) {
        case "text" -> text(yard, args[1]);
        case "limit" -> limit(yard);
        case "hold" -> hold(yard);
        case "starve" -> Starving.run(yard);
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
  }

  /**
   * Prints what a child sees of its argument, a variable, the end of its directory and a variable
   * that is no text.
   */
  private static void text(Yard yard, String directory) throws IOException {
    String cwd = directory + "/gr\u00fcn";
    yard.start("mkdir", cwd).exit();
    String script =
        "hex() { od -An -tx1 | tr -d '\\n' | sed 's/^ //'; };"
            + "for t in \"$1\" \"$V\" \"/${PWD##*/}\" \"$RAW\"; do printf %s \"$t\" | hex; printf '|'; done";
    Yard.Run run =
        yard.start(
            yard.spec(
                List.of("/bin/sh", "-c", script, "sh", "\u20ac\ud83d\ude00"),
                Map.of("V", "\u00e9"),
                false,
                cwd));
    run.exit();
    String seen = run.stdout();
    System.out.println(seen.substring(0, seen.length() - 1));
  }

  /** Prints the soft limit of open files here, and soft and hard limit of a child. */
  private static void limit(Yard yard) throws IOException {
    System.out.println("daemon " + Sys.descriptorLimit()[0]);
    Yard.Run run = yard.shell("echo $(ulimit -Sn) $(ulimit -Hn)");
    run.exit();
    System.out.print("child " + run.stdout());
  }

  /**
   * Holds children with grandchildren: one in the group, one there without marker, one in a session
   * of its own. And one child without any environment, and an orphan.
   */
  private static void hold(Yard yard) throws IOException {
    System.out.println(yard.marker);
    System.out.println(yard.children.guardPid());
    for (int i = 0; i < CHILDREN; i++) {
      Yard.Run run =
          yard.shell("trap '' HUP; sleep 1000 & env -i sleep 1000 & setsid sleep 1000 & wait");
      System.out.println(run.child().pid());
    }
    System.out.println(yard.shell("trap '' HUP; exec env -i sleep 1000").child().pid());
    Yard.Run orphans = yard.shell("sleep 1000 & exit 0");
    orphans.exit();
    System.out.println("ready");
    System.in.read();
  }
}
