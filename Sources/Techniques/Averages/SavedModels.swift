import Checkpoints
import Foundation
import Training

/// The equal mean of models that lie on disk: of one run at several steps, or of runs with several learning rates.
///
///     weights = (1/n) Σ weights of model i
///
/// - Paper: Wortsman et al., Model soups, arXiv:2203.05482. The models must come from the same pretrained weights: means of
///   independent runs are no models. Averages of checkpoints of one run: Vaswani et al., arXiv:1706.03762.
/// - Tensors are joined by name and summed in Float64 in the order given. Integers, and what is no F32, are the first
///   model's. Running statistics are averaged, which is exact for none of the models: refresh them.
/// - Cost: one pass over the files; two copies of one tensor of memory.
public enum SavedModels {
  /// Writes the mean of several model folders as another, which has the first one's other files.
  /// - Throws: `SafetensorsError`; `EnsembleError` where the models do not have the same tensors; errors of the disk.
  public static func average(_ folders: [String], to output: String) throws {
    try average(folders, otherFilesOf: folders[0], to: output)
  }

  /// Writes the mean of a run's newest checkpoints as a model folder, which has the other files of the run's newest model.
  /// - Throws: `EnsembleError` where the run has fewer valid checkpoints; errors of the disk.
  public static func average(newest count: Int, of run: RunDirectory, to output: String) throws {
    precondition(count > 0, "the mean of \(count) checkpoints is undefined")
    let store = CheckpointStore(directory: run.checkpoints)
    let found = try store.validCheckpoints(.contents).checkpoints.suffix(count)
    guard found.count == count else {
      throw EnsembleError(
        run.checkpoints, nil, "has \(found.count) valid checkpoints, not \(count)",
        "average fewer, or keep more with checkpoint.keep")
    }
    let aside = output + ".partial-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: aside) }
    let folders = try found.map { checkpoint in
      let folder = aside + "/\(checkpoint.name)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let reader = try store.load(checkpoint)
      let file = folder + "/model.safetensors"
      try reader.kinds.contains("buffers")
        ? reader.export("weights", "buffers", to: file) : reader.export("weights", to: file)
      return folder
    }
    try average(folders, otherFilesOf: run.model("last"), to: output)
  }

  private static func average(_ folders: [String], otherFilesOf model: String, to output: String) throws {
    let files = try folders.map { try SafetensorsFile($0 + "/model.safetensors") }
    try check(files)
    var means: [Values] = []
    defer { means.forEach { $0.free() } }
    for entry in files[0].entries { means.append(try mean(of: entry, in: files)) }
    var writer = SafetensorsWriter()
    for (entry, values) in zip(files[0].entries, means) {
      switch values {
      case .floats(let buffer): writer.add(entry.name, shape: entry.shape, UnsafeBufferPointer(buffer))
      case .bytes(let buffer): writer.add(entry.name, entry.type, shape: entry.shape, UnsafeRawBufferPointer(buffer))
      }
    }
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: model) where name != "model.safetensors" {
      guard let data = FileManager.default.contents(atPath: model + "/" + name) else { continue }
      try data.write(to: URL(filePath: output + "/" + name), options: .atomic)
    }
    try writer.write(to: output + "/model.safetensors")
  }

  private static func check(_ files: [SafetensorsFile]) throws {
    for file in files.dropFirst() {
      for entry in files[0].entries where file[entry.name]?.shape != entry.shape || file[entry.name]?.type != entry.type
      {
        throw EnsembleError(
          file.path, nil, "has no \(entry.name) of shape \(entry.shape) as \(files[0].path) has",
          "average models of one kind")
      }
      guard file.entries.count == files[0].entries.count else {
        throw EnsembleError(
          file.path, nil, "has \(file.entries.count) tensors, and \(files[0].path) has \(files[0].entries.count)",
          "average models of one kind")
      }
    }
  }

  /// The memory of one tensor until the file is written.
  private enum Values {
    case floats(UnsafeMutableBufferPointer<Float>)
    case bytes(UnsafeMutableRawBufferPointer)

    func free() {
      switch self {
      case .floats(let buffer): buffer.deallocate()
      case .bytes(let buffer): buffer.deallocate()
      }
    }
  }

  private static func mean(of entry: TensorEntry, in files: [SafetensorsFile]) throws -> Values {
    guard entry.type == .float32 else {
      return try files[0].withBytes(of: entry.name) { bytes in
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        copy.copyMemory(from: bytes)
        return .bytes(copy)
      }
    }
    var sums = [Double](repeating: 0, count: entry.count)
    for file in files {
      for (index, value) in try file.floats(entry.name).enumerated() { sums[index] += Double(value) }
    }
    let mean = UnsafeMutableBufferPointer<Float>.allocate(capacity: entry.count)
    for index in sums.indices { mean[index] = Float(sums[index] / Double(files.count)) }
    return .floats(mean)
  }
}
