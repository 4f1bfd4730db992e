package dev.forkyard.server.worker;

import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.ProcessExit;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Makes a token worthless when its process has ended or was never there. */
record ForgettingHooks(ProcessHooks hooks, Runnable forgetToken, Runnable deleteFiles)
    implements ProcessHooks {

  @Override
  public void started(ProcessSnapshot process, Session session) {
    hooks.started(process, session);
  }

  @Override
  public void notStarted() {
    forgetToken.run();
    deleteFiles.run();
  }

  @Override
  public CompletionStage<@Nullable FunctionOutcome> ended(ProcessExit exit) {
    forgetToken.run();
    return hooks.ended(exit);
  }
}
