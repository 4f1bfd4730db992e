package dev.forkyard.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFilesTest {
  @Test
  void everyTextFileCountsOnceAPathTheSmallestFirst(@TempDir Path folder) throws Exception {
    Path inner = Files.createDirectory(folder.resolve("inner folder"));
    Files.writeString(folder.resolve("large.txt"), "more than the other");
    Files.writeString(inner.resolve("small.txt"), "less");
    Files.createSymbolicLink(inner.resolve("z-link.txt"), folder.resolve("large.txt"));
    Files.createSymbolicLink(inner.resolve("loop"), folder);
    Files.createSymbolicLink(inner.resolve("broken"), folder.resolve("nothing"));
    Files.write(folder.resolve("binary"), new byte[] {'a', 0, 'b'});
    List<TextFile> files = TextFiles.in(folder);
    assertThat(files)
        .extracting(file -> folder.toRealPath().relativize(Path.of(file.path())).toString())
        .containsExactly("inner folder/small.txt", "inner folder/z-link.txt", "large.txt");
    assertThat(files).extracting(TextFile::number).containsExactly(0, 1, 2);
  }

  @Test
  void wordsAreRunsOfLettersInLowerCase(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("a.txt"), "Über, über-all! 42 x\n");
    Totals totals = Counter.countHere(TextFiles.in(folder));
    assertThat(totals.words()).isEqualTo(4);
    assertThat(totals.counts())
        .containsOnly(Map.entry("über", 2L), Map.entry("all", 1L), Map.entry("x", 1L));
    assertThat(totals.top(1)).extracting(Map.Entry::getKey).containsExactly("über");
  }
}
