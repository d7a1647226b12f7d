import ArgumentParser

@main
struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Distributed training for neural networks on ordinary machines.",
    discussion: """
      Train in one process:       lockstep train launch/recipes/quickstart.yaml --output output/quickstart
      Train on two ranks:         mpirun -n 2 lockstep train launch/recipes/quickstart.yaml --output output/quickstart
      The same, supervised:       lockstep launch --ranks 2 -- train launch/recipes/quickstart.yaml
      Go on after an interruption: the same command with --resume auto
      """,
    version: "0.1.0",
    subcommands: [
      TrainCommand.self, LaunchCommand.self, EvaluateCommand.self, PredictCommand.self, EnsembleCommand.self,
      AverageCommand.self, CheckpointCommand.self, AuditCommand.self, ReplayCommand.self, VerifyResumeCommand.self,
      RecipeCommand.self, VerdictCommand.self, BenchmarkCommand.self,
    ])
}
