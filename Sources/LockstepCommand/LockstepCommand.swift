import ArgumentParser

struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Distributed training for neural networks on ordinary machines.",
    discussion: """
      Draft a recipe for a table of texts and labels:
        lockstep init train.csv

      Train in one process, on two ranks, and on two ranks that are started again when one fails:
        lockstep train recipe.yaml --output output/run
        mpirun -n 2 --bind-to none lockstep train recipe.yaml --output output/run
        lockstep launch --ranks 2 -- train recipe.yaml --output output/run

      Continue after an interruption:
        lockstep train recipe.yaml --output output/run --resume auto

      Use the model:
        lockstep evaluate output/run/models/best dev.tsv
        lockstep predict output/run/models/best --text "a fine film"

      Completion for bash (source that file in ~/.bashrc), zsh or fish:
        lockstep --generate-completion-script bash > ~/.lockstep-completion
      """,
    version: VersionText.lines,
    subcommands: [
      TrainCommand.self, LaunchCommand.self, EvaluateCommand.self, PredictCommand.self, EmbedCommand.self,
      EnsembleCommand.self, AverageCommand.self, CheckpointCommand.self, AuditCommand.self, ReplayCommand.self,
      VerifyResumeCommand.self, InitCommand.self, RecipeCommand.self, TraceCommand.self, VerdictCommand.self,
      BenchmarkCommand.self,
      DoctorCommand.self, SimulateCommand.self, DashboardCommand.self, ReportCommand.self, RunsCommand.self,
    ])
}
