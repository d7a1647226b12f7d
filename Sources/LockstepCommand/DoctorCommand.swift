import ArgumentParser
import Console
import Launching
import Lockstep
import Preflight
import Support

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Check this machine, or all hosts of a cluster: what is there, what is wrong, and what to do about it.",
    discussion: """
      This machine:
        lockstep doctor

      All hosts and the connections between them, reached as lockstep launch reaches them:
        lockstep doctor --hosts hosts --recipe recipe.yaml --output output/run

      Exit status 78 if anything would keep ranks from working.
      """)

  @OptionGroup var cluster: ClusterOptions

  @Option(help: "Check the hosts that this many ranks would run on.")
  var ranks: Int?

  @Option(help: "Check that all hosts see this folder, where the run will write.", completion: .directory)
  var output = "output"

  @Option(help: "Compare this recipe between the hosts.", completion: .file(extensions: ["yaml"]))
  var recipe: String?

  @Flag(help: "Print a JSON object a line.")
  var json = false

  @Flag(help: .hidden)
  var member = false

  func run() throws {
    if member { return try reportingFailure { try Member().run() } }
    try reportingFailure {
      let findings = try inspection().findings()
      for finding in findings { try StandardOutput.print(json ? finding.json.description : Self.coloured(finding)) }
      let errors = findings.count { $0.level == .error }
      let warnings = findings.count { $0.level == .warning }
      if !json { try StandardOutput.print("\(findings.count) findings: \(errors) errors, \(warnings) warnings") }
      if errors > 0 { throw ExitCode(ExitClass.layout.status) }
    }
  }

  private static func coloured(_ finding: Finding) -> String {
    let (level, text) = (finding.level.rawValue, finding.text)
    let mark: (String) -> String =
      switch finding.level {
      case .ok: Emphasis.output.good
      case .warning: Emphasis.output.warning
      case .error: Emphasis.output.alarming
      }
    return mark(level) + text.dropFirst(level.count)
  }

  private func inspection() throws -> Inspection {
    let request = try cluster.request(ranks: ranks ?? 1, arguments: [])
    try request.check()
    return Inspection(request, output: output, recipe: recipe, hasRanks: ranks != nil)
  }
}
