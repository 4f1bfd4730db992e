package dev.forkyard.examples.wordcount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Writes files of words, always the same ones. */
final class Texts {
  private static final String[] WORDS = "fork yard child pipe queue über pool lease end".split(" ");

  private Texts() {}

  static void write(Path folder, int files) throws IOException {
    Random random = new Random(42);
    for (int i = 0; i < files; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(2_000); j >= 0; j--) {
        text.append(WORDS[random.nextInt(WORDS.length)]).append(j % 10 == 0 ? ".\n" : " ");
      }
      Files.writeString(folder.resolve("text-" + i + ".txt"), text);
    }
  }
}
