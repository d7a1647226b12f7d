import Checkpoints
import Foundation
import Techniques
import TestSupport
import Testing

/// Means of models whose weights lie in different formats.
@Suite struct SavedModelFormatsTests {
  @Test("models in PyTorch's formats and in several files have a mean, which is written as one model.safetensors")
  func formats() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let models = ["bin-views", "bin-legacy", "sharded-bin", "sharded-safetensors"]
    try SavedModels.average(models.map { Golden.path("families/weights", "good/\($0)") }, to: folder)
    let reference = try Golden.tensors("families/weights", "reference")
    let mean = try SafetensorsFile(folder + "/model.safetensors")
    #expect(mean.names.sorted() == reference.names.sorted())
    for name in reference.names {
      let isEqual = try mean.floats(name) == reference.floats(name)
      #expect(isEqual, "\(name)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(files == ["config.json", "model.safetensors"])
  }
}
