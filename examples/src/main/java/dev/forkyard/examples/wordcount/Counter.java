package dev.forkyard.examples.wordcount;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts words: what the workers of the pool run. A word is a run of letters, in lower case. */
public final class Counter {
  private Counter() {}

  /**
   * Counts the words of a file.
   *
   * @param file the file; bytes that are no UTF-8 end a word
   * @return its words
   * @throws IOException if it cannot be read
   */
  public static FileWords count(TextFile file) throws IOException {
    Map<String, Long> counts = new HashMap<>();
    try (Reader text =
        new BufferedReader(
            new InputStreamReader(
                Files.newInputStream(Path.of(file.path())), StandardCharsets.UTF_8))) {
      StringBuilder word = new StringBuilder();
      for (int c = text.read(); c >= 0; c = text.read()) {
        if (Character.isLetter((char) c)) {
          word.append((char) c);
        } else {
          end(word, counts);
        }
      }
      end(word, counts);
    }
    long words = counts.values().stream().mapToLong(Long::longValue).sum();
    return new FileWords(file.number(), words, counts);
  }

  /**
   * Counts the words of files in this thread, without Forkyard: what the totals are checked with.
   *
   * @param files the files
   * @return their words
   * @throws IOException if one cannot be read
   */
  public static Totals countHere(List<TextFile> files) throws IOException {
    Totals totals = new Totals();
    for (TextFile file : files) {
      FileWords counted = count(file);
      totals.add(new Sum(List.of(file.number()), counted.words(), counted.counts()));
    }
    return totals;
  }

  private static void end(StringBuilder word, Map<String, Long> counts) {
    if (!word.isEmpty()) {
      counts.merge(word.toString().toLowerCase(Locale.ROOT), 1L, Long::sum);
      word.setLength(0);
    }
  }
}
