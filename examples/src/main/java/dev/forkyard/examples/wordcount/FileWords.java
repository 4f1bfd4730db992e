package dev.forkyard.examples.wordcount;

import java.util.Map;

/**
 * The words of one file.
 *
 * @param file number of the file
 * @param words how many words it has
 * @param counts how often each word is in it
 */
public record FileWords(int file, long words, Map<String, Long> counts) {}
