import Checkpoints
import Foundation
import Techniques
import Testing

/// Means of models on disk.
@Suite struct SavedModelsTests {
  private func write(_ tensors: [(String, [Float])], to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var writer = SafetensorsWriter()
    let memory = tensors.map { name, values in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
      _ = buffer.initialize(from: values)
      writer.add(name, shape: [values.count], UnsafeBufferPointer(buffer))
      return buffer
    }
    defer { memory.forEach { $0.deallocate() } }
    try writer.write(to: folder + "/model.safetensors")
    try Data("{}".utf8).write(to: URL(filePath: folder + "/config.json"))
  }

  @Test("tensors are joined by name and averaged; other files are the first model's")
  func mean() throws {
    try withTemporaryFolder { folder in
      try write([("a", [1, 2]), ("b", [3])], to: folder + "/one")
      try write([("b", [6]), ("a", [2, 4])], to: folder + "/two")
      try write([("a", [3, 9]), ("b", [0])], to: folder + "/three")
      try SavedModels.average(["one", "two", "three"].map { folder + "/" + $0 }, to: folder + "/mean")
      let file = try SafetensorsFile(folder + "/mean/model.safetensors")
      #expect(try file.floats("a") == [2, 5])
      #expect(try file.floats("b") == [3])
      #expect(FileManager.default.fileExists(atPath: folder + "/mean/config.json"))
    }
  }

  @Test(
    "models of another kind are refused with the tensor's name",
    arguments: [
      ([("a", [Float(1), 2])], "has no b of shape [1]"), ([("a", [1]), ("b", [3])], "has no a of shape [2]"),
      ([("a", [1, 2]), ("b", [3]), ("c", [3])], "has 3 tensors, and"),
      ([("a", [1, 2]), ("c", [3])], "has no b of shape [1]"),
    ])
  func refusals(tensors: [(String, [Float])], problem: String) throws {
    try withTemporaryFolder { folder in
      try write([("a", [1, 2]), ("b", [3])], to: folder + "/one")
      try write(tensors, to: folder + "/two")
      let error = #expect(throws: EnsembleError.self) {
        try SavedModels.average([folder + "/one", folder + "/two"], to: folder + "/mean")
      }
      #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
    }
  }
}
