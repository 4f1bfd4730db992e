package dev.forkyard.server.process;

/**
 * A function, named by text.
 *
 * @param signature what tells overloads apart in the worker's language; may be empty
 */
public record FunctionName(String name, String signature) {}
