package dev.forkyard.examples.wordcount;

import java.util.List;
import java.util.Map;

/**
 * What the collector answers: the words of files that no earlier sum has told of.
 *
 * @param files numbers of the files
 * @param words how many words they have together
 * @param counts how often each word is in them
 */
public record Sum(List<Integer> files, long words, Map<String, Long> counts) {}
