import Foundation
import Testing

/// Signals that ask a run to stop.
@Suite struct StopSignalTests {
  @Test("that come one after the other in the middle of a step leave its memory alone, and it ends with status 85")
  func flood() throws {
    let run = try TinyRun()
    // Products large enough for kernels that oneDNN generates, which keep values beyond the stack pointer.
    try run.changeRecipe("hidden_size: 32", "hidden_size: 128")
    try run.changeRecipe("intermediate_size: 64", "intermediate_size: 256")
    try run.changeRecipe("batch: {size: 8, microbatch: 2, buckets: 3}", "batch: {size: 64, microbatch: 16}")
    let outcome = try run.train("--set", "steps=100000").run { running in
      try running.wait(forStep: 2, in: run)
      let process = running.process.processIdentifier
      while running.process.isRunning, .now < running.deadline { kill(process, SIGUSR1) }
    }
    #expect(outcome.status == 85, "\(outcome.error)")
    let resumed = try run.train("--set", "steps=100000", "--resume", "auto").run { running in
      try running.wait(forStep: (run.loggedSteps.last ?? 0) + 2, in: run)
      kill(running.process.processIdentifier, SIGTERM)
    }
    #expect(resumed.status == 85, "\(resumed.error)")
  }
}
