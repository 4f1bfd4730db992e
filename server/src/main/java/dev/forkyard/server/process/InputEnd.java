package dev.forkyard.server.process;

/** Why an input takes nothing any more. */
enum InputEnd {
  CLOSED("it was closed"),
  NOT_READ("the process has closed its side"),
  PROCESS_ENDED("the process has ended");

  private final String words;

  InputEnd(String words) {
    this.words = words;
  }

  String inWords() {
    return words;
  }
}
