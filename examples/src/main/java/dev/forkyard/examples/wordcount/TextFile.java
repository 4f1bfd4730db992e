package dev.forkyard.examples.wordcount;

/**
 * A file to count.
 *
 * @param number its place in the list of files, which tells it from all others
 * @param path where it is, absolute
 * @param bytes its size when it was found
 */
public record TextFile(int number, String path, long bytes) {}
