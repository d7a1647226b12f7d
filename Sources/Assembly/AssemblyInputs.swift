import Checkpoints
import Data
import Foundation
import Runs
import Techniques

extension RunInputs {
  /// The rows as they are read, the classes in their order, and the files of the model that a run begins with.
  ///
  /// Rows are hashed as tokens or pixels with their labels, so that another spelling of the same table changes nothing, and a
  /// cache hides nothing.
  public convenience init(of assembly: RunAssembly) {
    let files = RecipeFiles(of: assembly.recipe)
    let (rows, names) = assembly.allRows
    let validation = assembly.parts.validation
    self.init(paths: files.files.map(\.path)) {
      var digests = ["data.train": rows.contentDigest]
      digests["data.validation"] = validation?.contentDigest
      digests["classes"] = names.map { digest(of: $0) }
      for (name, path) in files.modelFiles { digests[name] = try sha256(ofFile: path) }
      return digests
    }
  }
}

extension RecipeFiles {
  /// Whether a file of a model's folder is read: not notes and figures, not weights of other programs, nor PyTorch's where
  /// there is a model.safetensors.
  private func isRead(_ name: String) -> Bool {
    let others = ["vocab.txt", "merges.txt"]
    let isPyTorch = name.hasPrefix("pytorch_model") && name.hasSuffix(".bin")
    let hasBetter = files.contains { $0.place.hasPrefix("model/model.safetensors") }
    return others.contains(name) || [".json", ".safetensors", ".model"].contains { name.hasSuffix($0) }
      || isPyTorch && !hasBetter
  }

  /// The files that make the model, its tokens and what is learned of them, by what the recipe calls them.
  var modelFiles: [(name: String, path: String)] {
    files.compactMap { file in
      let parts = file.place.split(separator: "/", maxSplits: 1).map(String.init)
      switch parts.first {
      case "vocabulary": return ("model.vocabulary", file.path)
      case "task": return (file.place, file.path)
      case "model" where isRead(parts[1]): return ("model.from/\(parts[1])", file.path)
      default: return nil
      }
    }
  }
}

extension RunAssembly {
  /// Models of averages that a recipe may ask for and this one does not.
  public var foreignModels: [String] {
    let own = parts.averages.map(\.name)
    return ["ema", "swa", "teacher"].filter { !own.contains($0) }
  }
}
