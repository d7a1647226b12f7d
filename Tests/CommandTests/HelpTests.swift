import Foundation
import Testing

@Suite("The command line")
struct HelpTests {
  @Test("every command's help has examples that it accepts, each short enough for a terminal")
  func examples() throws {
    let grammar = try Grammar()
    for (path, node) in grammar.nodes {
      let lines = (node.discussion ?? "").split(separator: "\n").filter { $0.hasPrefix("  ") }
      let examples = ShellText.commands(in: lines).flatMap(ShellText.lockstepCalls)
      #expect(
        examples.contains { path == "lockstep" || ("lockstep " + $0.joined(separator: " ")).hasPrefix(path) }, "\(path)"
      )
      for example in examples {
        let complaint = grammar.complaint(about: example)
        #expect(complaint == nil, "help of \(path): lockstep \(example.joined(separator: " "))")
      }
      for line in lines { #expect(line.count <= 80, "\(path): \(line)") }
    }
  }

  @Test("a wrong example would be found")
  func wrongExamples() throws {
    let grammar = try Grammar()
    for words in [
      ["trian", "a.yaml"], ["train"], ["train", "a.yaml", "b.yaml"], ["train", "a.yaml", "--outptu", "b"],
      ["train", "a.yaml", "--output"], ["checkpoint", "a"], ["launch", "--ranks", "2", "--", "trian", "a.yaml"],
      ["evaluate", "model"], ["train", "a.yaml", "--", "b"],
    ] {
      #expect(grammar.complaint(about: words) != nil, "\(words)")
    }
  }

  @Test("completes commands and options in bash, and names them to zsh and fish")
  func completion() throws {
    let folder = try TemporaryFolder()
    let commands = try #require(try Grammar().root.subcommands).map(\.commandName)
    for shell in ["bash", "zsh", "fish"] {
      let script = try Command("--generate-completion-script", shell, in: folder).run()
      #expect(script.status == 0 && script.error == "", "\(shell)")
      for command in commands { #expect(script.output.contains(command), "\(shell): \(command)") }
      try folder.write(script.output, to: "lockstep.\(shell)")
      guard Shell.has(shell) else { continue }
      let check = try Shell.run(shell, ["-n", "lockstep.\(shell)"], directory: folder.path)
      #expect(check.status == 0, "\(shell): \(check.error)")
    }
    let trial = """
      source lockstep.bash
      COMP_WORDS=(lockstep che) COMP_CWORD=1 COMP_LINE='lockstep che' COMP_POINT=12
      "$(complete -p lockstep | sed 's/.*-F \\([^ ]*\\).*/\\1/')" lockstep che lockstep
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let completed = try Shell.run("bash", ["-c", trial], directory: folder.path)
    #expect(completed.output.split(separator: "\n") == ["checkpoint"], "\(completed)")
  }

  @Test("colours are for terminals alone, and NO_COLOR takes them away", .enabled(if: Shell.has("script")))
  func colours() throws {
    let folder = try TemporaryFolder()
    func onTerminal(_ variables: [String: String]) throws -> String {
      let command = "'\(Command.program)' train nowhere.yaml"
      return try Shell.run(
        "script", ["-qec", command, "/dev/null"], directory: folder.path,
        environment: ["TERM": "xterm", "NO_COLOR": ""].merging(variables) { $1 }
      ).output
    }
    let escape = "\u{1B}["
    #expect(try onTerminal([:]).contains("\(escape)1;31mlockstep:\(escape)0m nowhere.yaml"))
    #expect(try !onTerminal(["NO_COLOR": "1"]).contains(escape))
    #expect(try !onTerminal(["TERM": "dumb"]).contains(escape))
    var piped = Command("train", "nowhere.yaml", in: folder)
    piped.variables = ["TERM": "xterm", "NO_COLOR": ""]
    let outcome = try piped.run()
    #expect(outcome.error.hasPrefix("lockstep: nowhere.yaml: cannot be read (No such file or directory); give"))
    #expect(outcome.output == "" && outcome.status == 2)
  }

  @Test("explains the keys of recipes to people and programs")
  func explain() throws {
    let folder = try TemporaryFolder()
    let one = try Command("recipe", "explain", "batch.size", in: folder).run()
    #expect(one.output.hasPrefix("batch.size: 32  [whole number from 1 to 1000000]\n"), "\(one)")
    let all = try Command("recipe", "explain", "--json", in: folder).run()
    let keys = try #require(JSONSerialization.jsonObject(with: Data(all.output.utf8)) as? [[String: Any]])
    #expect(keys.contains { $0["key"] as? String == "techniques.fgm.epsilon" && $0["default"] as? Int == 1 })
    let none = try Command("recipe", "explain", "batch.sise", in: folder).run()
    #expect(none.status == 2 && none.output == "")
    #expect(none.error.contains("did you mean \"batch.size\"?"))
  }
}
