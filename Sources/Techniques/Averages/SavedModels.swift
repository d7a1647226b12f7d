import Checkpoints
import Foundation
import Models
import Runs
import Support
import Text

/// The equal mean of models that lie on disk: of one run at several steps, or of runs with several learning rates.
///
///     weights = (1/n) Σ weights of model i
///
/// - Paper: Wortsman et al., Model soups, arXiv:2203.05482. The models must come from the same pretrained weights: means of
///   independent runs are no models. Averages of checkpoints of one run: Vaswani et al., arXiv:1706.03762.
/// - Tensors are joined by name and summed in Float64 in the order given. F32 and F64 stay what they are where all models agree;
///   all else becomes F32, F16 and BF16 too, unless they are kept. Integers must be equal. Running statistics are averaged,
///   which is exact for none of the models: refresh them.
/// - Classes are joined by name (`ModelAgreement`): the rows of the head of a model whose classes stand in another order are
///   moved to the order of the first.
/// - Cost: one pass over the files; the mean and one tensor more of memory.
public enum SavedModels {
  /// Writes the mean of several model folders as another, which has the first one's other files.
  /// - Parameter keepsHalves: whether F16 and BF16 are rounded to what they were.
  /// - Throws: `ModelError` or `SafetensorsError` where weights cannot be read; `EnsembleError` where the models differ in more
  ///   than their weights; errors of the disk.
  public static func average(_ folders: [String], to output: String, keepsHalves: Bool = false) throws {
    let agreement = try ModelAgreement(folders)
    try average(folders, agreement, otherFilesOf: folders[0], to: output, keepsHalves: keepsHalves)
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
    try average(folders, .ofOneRun(folders.count), otherFilesOf: run.model("last"), to: output)
  }

  private static func average(
    _ folders: [String], _ agreement: ModelAgreement, otherFilesOf model: String, to output: String,
    keepsHalves: Bool = false
  ) throws {
    let files = try folders.map(weights)
    try check(files)
    var means: [TensorMean] = []
    defer { means.forEach { $0.free() } }
    for entry in files[0].entries {
      let orders = try agreement.orders(of: entry, in: files)
      means.append(try TensorMean(of: entry, in: files, orders: orders, keepsHalves: keepsHalves))
    }
    var writer = SafetensorsWriter()
    for (entry, mean) in zip(files[0].entries, means) {
      writer.add(entry.name, mean.type, shape: entry.shape, UnsafeRawBufferPointer(mean.bytes))
    }
    do { try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true) } catch {
      throw EnsembleError(output, nil, "cannot be made a folder", "give --output a folder that can be written")
    }
    try writer.write(to: output + "/model.safetensors")
    try copyOtherFiles(of: model, to: output, isOneType: zip(files[0].entries, means).allSatisfy { $0.type == $1.type })
  }

  private static func weights(of folder: String) throws -> PretrainedWeights {
    guard !FileManager.default.fileExists(atPath: folder + "/models/last/model.safetensors") else {
      throw EnsembleError(
        folder, nil, "is the output of a run, not the folder of a model", "give \(folder)/models/last, or --newest")
    }
    return try PretrainedWeights.open(directory: folder)
  }

  private static func check(_ files: [PretrainedWeights]) throws {
    for file in files.dropFirst() {
      for entry in files[0].entries where file[entry.name]?.shape != entry.shape {
        let found = file[entry.name].map { "has \(entry.name) of shape \($0.shape)" } ?? "has no \(entry.name)"
        throw EnsembleError(
          file.path, nil, "\(found), and \(files[0].path) has one of shape \(entry.shape)", "average models of one kind"
        )
      }
      if let extra = file.names.first(where: { files[0][$0] == nil }) {
        throw EnsembleError(
          file.path, nil, "has \(extra), and \(files[0].path) has not", "average models of one kind")
      }
    }
  }

  /// Weights in other formats would not be those of the mean, and are left behind.
  private static let otherWeights = ["safetensors", "bin", "pt", "pth", "ckpt", "h5", "msgpack", "onnx", "gguf"]

  /// Copies what a model's folder holds besides its weights; the last file written is the one without which it is not a model.
  private static func copyOtherFiles(of model: String, to output: String, isOneType: Bool) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: model).sorted {
      ($0 == "config.json" ? 1 : 0, $0) < ($1 == "config.json" ? 1 : 0, $1)
    }
    for name in names where !otherWeights.contains(where: { name.hasSuffix("." + $0) || name.contains(".\($0).") }) {
      guard let data = FileReader.contents(model + "/" + name) else {
        // The pooling of a folder of sentence-transformers has its own folder.
        guard let data = FileReader.contents("\(model)/\(name)/config.json") else { continue }
        try FileManager.default.createDirectory(atPath: "\(output)/\(name)", withIntermediateDirectories: true)
        try AtomicFile.write(data, to: "\(output)/\(name)/config.json")
        continue
      }
      let bytes = name == "config.json" && !isOneType ? try withoutElementType(data) : data
      try AtomicFile.write(bytes, to: output + "/" + name)
    }
  }

  /// A `config.json` that no longer says which element type the weights have.
  private static func withoutElementType(_ bytes: [UInt8]) throws -> [UInt8] {
    guard var json = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else { return bytes }
    for key in ["torch_dtype", "dtype"] where json[key] != nil { json[key] = "float32" }
    return [UInt8](try JSONSerialization.data(withJSONObject: json, options: [.prettyPrinted, .sortedKeys])) + [0x0A]
  }
}
