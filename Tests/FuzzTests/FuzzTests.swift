import Foundation
import Testing

@Suite("Damaged inputs")
struct FuzzTests {
  /// A tenth in a debug build, which is ten times slower.
  #if DEBUG
    private static let inputs = 5_000
  #else
    private static let inputs = 50_000
  #endif

  @Test("are read or refused: no crash, no hang, no memory beyond their size times a small constant")
  func sample() throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = Self.program
    process.arguments = [Self.root, "--inputs", "\(Self.inputs)"]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && !text.contains("NOT SOUND"), "\(text)")
    let total = text.split(separator: "\n").last?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    #expect(total > Self.inputs * 9 / 10, "\(text)")
  }

  /// The fuzzer, which is built beside the tests.
  private static let program = URL(
    filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  ).deletingLastPathComponent().appending(path: "lockstep-fuzz")

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
}
