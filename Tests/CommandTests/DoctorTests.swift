import Foundation
import Testing

@Suite("The doctor")
struct DoctorTests {
  private func findings(_ arguments: String..., variables: [String: String] = [:]) throws -> (Int32, [[String: Any]]) {
    let folder = try TemporaryFolder()
    var command = Command("doctor", "--json", in: folder)
    command.arguments += arguments
    command.variables = variables
    let outcome = try command.run()
    return (outcome.status, try outcome.output.split(separator: "\n").map { try object($0) })
  }

  @Test("looks at every part of a machine, one line each, and leaves nothing behind")
  func here() throws {
    let folder = try TemporaryFolder()
    let outcome = try Command("doctor", "--output", "out", in: folder).run()
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.output) \(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    for subject in ["processor", "BLAS", "oneDNN", "cores", "memory", "disk", "launcher", "network"] {
      #expect(lines.contains { $0.dropFirst(8).hasPrefix(subject + " ") }, "\(subject) in \(lines)")
    }
    #expect(lines.last?.hasSuffix("warnings") == true, "\(lines)")
    #expect(folder.contents(below: ".").isEmpty)
  }

  @Test("says what to do about each thing that it warns of")
  func advice() throws {
    let (status, findings) = try findings("--ranks", "4000", variables: ["OPENBLAS_CORETYPE": "Prescott"])
    #expect(status == 0)
    let warnings = findings.filter { $0["level"] as? String == "warning" }
    #expect(warnings.allSatisfy { ($0["advice"] as? String)?.isEmpty == false }, "\(warnings)")
    let words = warnings.compactMap { $0["found"] as? String }
    #expect(words.contains { $0.hasPrefix("4000 ranks share ") }, "\(words)")
    #expect(words.contains { $0.hasPrefix("OPENBLAS_CORETYPE=Prescott chooses") }, "\(words)")
  }

  @Test("ends with 78 where ranks could not work")
  func error() throws {
    let (status, findings) = try findings("--interface", "nosuch0")
    #expect(status == 78)
    let errors = findings.filter { $0["level"] as? String == "error" }
    #expect(errors.count == 1 && errors[0]["subject"] as? String == "network", "\(errors)")
  }
}
