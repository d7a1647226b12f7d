import Foundation
import Testing

/// Programs that see what an outside package sees of the library.
@Suite("An outside program")
struct ExampleTests {
  private static let products = URL(
    filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  ).deletingLastPathComponent()

  private func output(of arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = Self.products.appending(path: "lockstep-examples")
    process.arguments = arguments
    process.currentDirectoryURL = Documentation.root
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(arguments): \(text)")
    return text
  }

  @Test(
    "learns with a layer, an objective, a step and a measure of its own",
    arguments: ["layer", "objective", "step", "measure"])
  func learns(example: String) throws {
    let text = try output(of: example)
    let accuracy = try #require(text.firstMatch(of: /accuracy ([0-9.]+) on 200 rows/).flatMap { Double($0.1) })
    #expect(accuracy > 0.95, "\(text)")
  }

  @Test("names parameters by its own properties")
  func names() throws {
    #expect(try output(of: "layer").hasPrefix("parameters: lift.weight, lift.bias, blocks.0.value.weight, "))
  }

  @Test("learns a task of its own from a recipe, judged by a measure of its own")
  func ownTask() throws {
    let text = try output(of: "task")
    let figures = try #require(
      text.firstMatch(of: /80 rows: mae ([0-9.]+), quadratic_kappa ([0-9.]+), within_one ([0-9.]+)/), "\(text)")
    #expect(try #require(Double(figures.1)) < 0.2 && #require(Double(figures.2)) > 0.9, "\(text)")
    #expect(try #require(Double(figures.3)) > 0.95, "\(text)")
    #expect(text.contains("bad bad bad bad: 1\n") && text.contains("good good good good: 5\n"), "\(text)")
    #expect(text.contains(/sharpness-aware: loss [0-9]/), "\(text)")
  }

  @Test("sums a buffer of its own")
  func sums() throws {
    #expect(try output(of: "sum") == "summed over 1 ranks: 1.0, 2.0 … 999.0\nrank 0\n")
  }

  @Test("trains a recipe and uses its model")
  func trains() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-example-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let recipe = """
      model:
        configuration: {hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 16}
        vocabulary: launch/data/vocabulary/bert-base-uncased.txt
      data: {train: launch/data/sst2/dev.tsv, limit: 64, validation: launch/data/sst2/dev.tsv, maximum_length: 8}
      steps: 4
      """
    let file = folder.appending(path: "recipe.yaml")
    try recipe.write(to: file, atomically: true, encoding: .utf8)
    let text = try output(of: "train", file.path, folder.path + "/out")
    #expect(text.contains("trained 4 steps on 1 ranks, best accuracy 0."), "\(text)")
    #expect(text.contains("872 rows: accuracy 0.") && text.contains("LABEL_"), "\(text)")
  }
}
