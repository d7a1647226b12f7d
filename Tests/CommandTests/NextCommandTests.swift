import Testing

@Suite("A finished run")
struct NextCommandTests {
  @Test("names commands to type next, and they work as printed")
  func next() throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=2").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    let start = try #require(lines.firstIndex(of: "next:"))
    let commands = lines[(start + 1)...].map(String.init)
    #expect(commands.map { $0.split(separator: " ")[1] } == ["evaluate", "predict", "report"])
    for command in commands {
      let typed = try Shell.run("bash", ["-c", command], directory: run.folder.path)
      #expect(typed.status == 0, "\(command): \(typed.error)")
    }
    #expect(run.folder.contains("predictions.csv") && run.folder.contains("report.html"))
  }

  @Test("was made by a program that prints its version, its commit and the processor's features")
  func version() throws {
    let outcome = try TinyRun().command(["--version"])
    #expect(outcome.status == 0)
    let form = /lockstep \d+\.\d+\.\d+, commit ([0-9a-f]{12}\+?|unknown)\nprocessor .+\n/
    #expect(outcome.output.wholeMatch(of: form) != nil, "\(outcome.output)")
  }
}
