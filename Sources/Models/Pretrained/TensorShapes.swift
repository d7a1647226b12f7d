/// The sizes of a model as the tensors in its file have them, which cost no memory to look at.
struct TensorShapes {
  private let file: PretrainedWeights
  private let names: PretrainedNames
  private let shapes: [String: [Int]]

  init(_ file: PretrainedWeights, names: PretrainedNames) {
    self.file = file
    self.names = names
    let pairs = file.entries.flatMap { entry in names.candidates(for: entry.name).map { ($0, entry.shape) } }
    shapes = Dictionary(pairs) { first, _ in first }
  }

  subscript(name: String) -> [Int]? { shapes[name] }

  /// Compares every size of a configuration with the tensors.
  /// - Parameter source: the configuration's file.
  /// - Throws: `ModelError` that names key and tensor.
  func check(_ sizes: [EncoderSize], source: String) throws {
    for size in sizes {
      guard let tensor = size.tensor else { continue }
      if tensor.name.contains("{}") {
        try checkCount(size, tensor.name, source: source)
        continue
      }
      let name = names.prefix + tensor.name
      guard let shape = shapes[name] else {
        throw ModelError(
          file: file.path, problem: "lacks \(name)", remedy: "use the config.json that belongs to these weights")
      }
      guard shape.indices.contains(tensor.axis), shape[tensor.axis] == size.value else {
        throw ModelError(
          file: source, problem: "\(size.key) is \(size.value), and \(name) in \(file.path) has shape \(shape)",
          remedy: "use the config.json that belongs to these weights")
      }
    }
  }

  private func checkCount(_ size: EncoderSize, _ pattern: String, source: String) throws {
    func name(_ index: Int) -> String { names.prefix + pattern.replacing("{}", with: "\(index)") }
    guard let missing = (0..<size.value).first(where: { shapes[name($0)] == nil }) else { return }
    throw ModelError(
      file: source, problem: "\(size.key) is \(size.value), and \(file.path) lacks \(name(missing))",
      remedy: "use the config.json that belongs to these weights")
  }
}
