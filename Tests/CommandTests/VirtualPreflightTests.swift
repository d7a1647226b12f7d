import Foundation
import Testing

extension VirtualClusterTests {
  @Test("is preceded by a doctor who measures the way between each two hosts")
  func doctor() throws {
    let cluster = try VirtualCluster(hosts: 3)
    let run = try TinyRun()
    try run.folder.write((1...3).map { "\(cluster.name($0))\n" }.joined(), to: "hosts")
    var command = Command("doctor", "--json", "--hosts", "hosts", "--recipe", run.recipe, in: run.folder)
    command.arguments += VirtualCluster.launchOptions
    let outcome = try command.run()
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.error)")
    let findings = try outcome.output.split(separator: "\n").map { try object($0) }
    func about(_ subject: String) -> [[String: Any]] { findings.filter { $0["subject"] as? String == subject } }
    let links = about("link")
    #expect(
      Set(links.compactMap { $0["host"] as? String })
        == Set([(1, 2), (1, 3), (2, 3)].map { "\(cluster.name($0)) – \(cluster.name($1))" }))
    for link in links {
      let figures = try #require(link["figures"] as? [String: Double])
      #expect(figures["sending_bytes_per_second", default: 0] > 1e6, "\(figures)")
      #expect((0.0..<1).contains(figures["round_trip_seconds", default: 1]), "\(figures)")
    }
    #expect(about("clock").count == 3 && about("network").count == 3 && about("launcher").count == 3)
    for subject in ["output", "program", "recipe"] {
      #expect(about(subject).count == 1 && about(subject)[0]["level"] as? String == "ok", "\(about(subject))")
    }
    #expect(!run.folder.contents(below: ".").keys.contains { $0.contains("lockstep-mark") })
  }

  /// What is wrong with the second of two hosts.
  enum Wrong: CaseIterable {
    case unreachable, interface, program, missingProgram, recipe, missingRecipe, slots

    /// The one line, behind the host's name.
    var line: Regex<Substring> {
      switch self {
      case .unreachable:
        /no answer \(Cannot open network namespace .*\); check that it is up and that .*agent enters it/
      case .interface: /this host has no network address in 10.9.0.0\/16 .*; give --interface one that every host has.*/
      case .program: /another program than here.*; copy this one to the same path on every host/
      case .missingProgram: /there is no program .*; copy this one there, to the same path/
      case .recipe: /.*tiny.yaml is another recipe than here; copy it from here to every host/
      case .missingRecipe: /there is no recipe .*tiny.yaml; copy it from here to every host/
      case .slots: /the hosts offer 2 slots, and 3 ranks are asked for; add hosts or slots to the file.*/
      }
    }
  }

  @Test("is refused in one line before anything starts where hosts do not fit together", arguments: Wrong.allCases)
  func refused(_ wrong: Wrong) throws {
    let cluster = try VirtualCluster(hosts: 2)
    let supervised = try Supervised(steps: 8)
    let folder = supervised.run.folder
    let second = wrong == .unreachable ? "lockstest-9" : cluster.name(2)
    try folder.write("\(cluster.name(1))\n\(second)\n", to: "hosts")
    try folder.write("#!/bin/sh\necho another program\n", to: "other")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/other")
    var options = VirtualCluster.launchOptions
    if wrong == .interface { options[3] = "10.9.0.0/16" }
    let replacements: [String: String] =
      switch wrong {
      case .program: [Command.program: folder.path + "/other"]
      case .missingProgram: [Command.program: "/dev/null"]
      case .recipe: ["\(folder.path)/\(supervised.run.recipe)": folder.path + "/other"]
      case .missingRecipe: ["\(folder.path)/\(supervised.run.recipe)": "/dev/null"]
      default: [:]
      }
    if !replacements.isEmpty { options[1] = try cluster.agent(in: folder, host: 2, seeing: replacements) }
    var command = supervised.launch("--hosts", "hosts", ranks: wrong == .slots ? 3 : 2)
    command.arguments.insert(contentsOf: options, at: 1)
    let outcome = try command.run()
    #expect(outcome.status == 78)
    let lines = outcome.error.split(separator: "\n")
    let perHost = wrong == .interface ? 2 : 1
    #expect(lines.count == perHost, "\(lines)")
    let line = try #require(lines.last)
    let start = wrong == .slots ? "lockstep: " : "lockstep: \(second): "
    #expect(line.hasPrefix(start) && line.dropFirst(start.count).wholeMatch(of: wrong.line) != nil, "\(line)")
    #expect(!folder.contains("out"))
  }
}
