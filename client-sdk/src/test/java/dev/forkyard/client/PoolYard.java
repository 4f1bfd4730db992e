package dev.forkyard.client;

import java.io.IOException;

/** A connection to a daemon that has only a fake pool. */
final class PoolYard implements AutoCloseable {
  final FakePool fake;
  final Forkyard yard;
  private final FakeDaemon daemon;

  /** A pool that answers as soon as so many chunks wait. */
  PoolYard(int answersAt) throws IOException {
    fake = new FakePool(answersAt);
    daemon = new FakeDaemon(new FakeSession(), fake);
    yard = Forkyard.connect(daemon.address());
  }

  ProcessPool pool() {
    return yard.pools().create(PoolOptions.defaults().workers(2));
  }

  void die() throws InterruptedException {
    daemon.die();
  }

  @Override
  public void close() throws IOException {
    yard.close();
    try {
      daemon.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
