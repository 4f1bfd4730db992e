package dev.forkyard.e2e;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarInputStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

/** Starts programs in the ways in which people start them. */
final class Programs {
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin/java").toString();
  private static final String MANIFEST =
      """
      Manifest-Version: 1.0
      Main-Class: org.springframework.boot.loader.launch.JarLauncher
      Start-Class: %s
      Spring-Boot-Classes: BOOT-INF/classes/
      Spring-Boot-Lib: BOOT-INF/lib/

      """;

  private Programs() {}

  /** The class path of the tests. */
  static List<String> classPath() {
    String classPath = Objects.requireNonNull(System.getProperty("java.class.path"));
    return Stream.of(classPath.split(File.pathSeparator)).filter(e -> !e.isEmpty()).toList();
  }

  /** The class path of the tests without the jars of this name. */
  static String classPathWithout(String name) {
    return String.join(
        File.pathSeparator,
        classPath().stream()
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(name))
            .toList());
  }

  /** Runs a program to its end; both outputs. */
  static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Makes a module whose main class calls that of a class on the class path. */
  static void module(Path folder, Class<?> program) throws IOException {
    Path source = Files.createDirectories(folder.resolve("app"));
    Files.writeString(folder.resolve("module-info.java"), "module app {}");
    Files.writeString(
        source.resolve("Main.java"),
        """
        package app;

        public class Main {
          public static void main(String[] args) throws Exception {
            ClassLoader.getSystemClassLoader().loadClass("%s")
                .getMethod("main", String[].class).invoke(null, (Object) args);
          }
        }
        """
            .formatted(program.getName()));
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                folder.resolve("module-info.java").toString(),
                source.resolve("Main.java").toString());
    if (failed != 0) {
      throw new IOException("the module does not compile");
    }
  }

  /** Makes a jar as Spring Boot does: classes and jars inside, and its launcher. */
  static void bootJar(Path jar, Class<?> program) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      add(
          out,
          "META-INF/MANIFEST.MF",
          MANIFEST.formatted(program.getName()).getBytes(StandardCharsets.UTF_8));
      for (String entry : classPath()) {
        Path path = Path.of(entry);
        String name = path.getFileName().toString();
        if (name.startsWith("spring-boot-loader")) {
          copyClasses(out, path);
        } else if (name.equals("test-classes")) {
          out.putNextEntry(new ZipEntry("BOOT-INF/classes/"));
          addFolder(out, "BOOT-INF/classes/", path);
        } else if (name.equals("classes")) {
          String module = path.getName(path.getNameCount() - 3).toString();
          addStored(out, "BOOT-INF/lib/" + module + ".jar", packed(path));
        } else if (name.matches(
            "(forkyard|grpc|proto|guava|failureaccess|jackson|perfmark|gson|jspec).*")) {
          addStored(out, "BOOT-INF/lib/" + name, Files.readAllBytes(path));
        }
      }
    }
  }

  private static void copyClasses(ZipOutputStream out, Path jar) throws IOException {
    try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().endsWith(".class")) {
          add(out, entry.getName(), in.readAllBytes());
        }
      }
    }
  }

  private static byte[] packed(Path folder) throws IOException {
    ByteArrayOutputStream jar = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(jar)) {
      addFolder(out, "", folder);
    }
    return jar.toByteArray();
  }

  private static void addFolder(ZipOutputStream out, String prefix, Path folder)
      throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .forEach(
              file -> {
                try {
                  add(out, prefix + folder.relativize(file), Files.readAllBytes(file));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  private static void add(ZipOutputStream out, String name, byte[] content) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    out.write(content);
    out.closeEntry();
  }

  /** A jar inside a jar must not be compressed. */
  private static void addStored(ZipOutputStream out, String name, byte[] content)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    out.putNextEntry(entry);
    new ByteArrayInputStream(content).transferTo(out);
    out.closeEntry();
  }
}
