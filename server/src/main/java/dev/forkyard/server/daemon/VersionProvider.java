package dev.forkyard.server.daemon;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class VersionProvider implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "forkyard " + Version.current(),
      "Java " + Runtime.version() + ", " + System.getProperty("os.arch")
    };
  }
}
