import Checkpoints
import Data
import Foundation
import Recipes
import Support
import Tasks

/// The files that a recipe names: what a rank reads beside the recipe itself.
struct RecipeFiles {
  /// One of them.
  struct File: Equatable {
    /// Where the recipe says that it lies.
    var path: String
    /// Where it lies in a folder with copies of all of them.
    var place: String
  }

  /// In an order that depends on the recipe, and on what the model's folder holds, alone.
  let files: [File]

  /// The regular files among them that are there; reading says what is wrong with the others.
  init(of recipe: Recipe) {
    files = Self.named(in: recipe).filter { FileReader.exists($0.path) }
  }

  /// SHA-256 and path of each.
  func digests() -> [String] {
    files.map { "\((try? sha256(ofFile: $0.path)) ?? "unreadable") \($0.path)" }
  }

  private static func named(in recipe: Recipe) -> [File] {
    func file(_ path: String, _ key: String) -> File { File(path: path, place: "\(key)/\(name(of: path))") }
    func files(_ source: DataRecipe.Source?, _ key: String) -> [File] {
      switch source {
      case nil: []
      case .table(let files): table((try? files.paths()) ?? files.names, key)
      case .images(let images, let labels): [file(images, "\(key)-images"), file(labels, "\(key)-labels")]
      }
    }
    // Files of one table may have the same name, each in its own folder.
    func table(_ paths: [String], _ key: String) -> [File] {
      paths.count == 1 ? [file(paths[0], key)] : paths.enumerated().map { file($1, "\(key)-\($0)") }
    }
    var all = files(recipe.data.train, "train") + files(recipe.data.validation, "validation")
    if let vocabulary = recipe.model.vocabulary { all.append(file(vocabulary, "vocabulary")) }
    let task = try? TaskKinds().vocabularyTask(of: recipe)
    all += ((try? task?.files(of: recipe)) ?? []).map { file($0, "task") }
    if let folder = recipe.model.from {
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      // The pooling of a folder of sentence-transformers has its own folder.
      all += names.flatMap { [$0, "\($0)/config.json"] }.map { File(path: "\(folder)/\($0)", place: "model/\($0)") }
        .filter { FileReader.exists($0.path) }
    }
    return all
  }

  private static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The recipe with the places of copies below `folder` in place of its own paths; a copy that is missing keeps its place.
  static func moved(_ recipe: Recipe, to folder: String) -> Recipe {
    func place(_ path: String, _ key: String) -> String { "\(folder)/\(key)/\(name(of: path))" }
    func source(_ source: DataRecipe.Source, _ key: String) -> DataRecipe.Source {
      switch source {
      case .table(let files):
        .table(copies(key, in: folder) ?? TableFiles(files.names.map { place($0, key) }))
      case .images(let images, let labels):
        .images(images: place(images, "\(key)-images"), labels: place(labels, "\(key)-labels"))
      }
    }
    var recipe = recipe
    recipe.data.train = source(recipe.data.train, "train")
    recipe.data.validation = recipe.data.validation.map { source($0, "validation") }
    recipe.model.vocabulary = recipe.model.vocabulary.map { place($0, "vocabulary") }
    recipe.model.from = recipe.model.from.map { _ in "\(folder)/model" }
    return recipe
  }

  /// The copies of a table's files, in their order; nil where there is none. Which files a pattern matches is known where they
  /// are, and not here.
  private static func copies(_ key: String, in folder: String) -> TableFiles? {
    func names(_ folder: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }
    let numbered = names(folder).compactMap { name in
      name.hasPrefix("\(key)-") ? Int(name.dropFirst(key.count + 1)).map { (name, $0) } : nil
    }
    let places = names("\(folder)/\(key)").isEmpty ? numbered.sorted { $0.1 < $1.1 }.map(\.0) : [key]
    let paths = places.flatMap { place in names("\(folder)/\(place)").map { "\(folder)/\(place)/\($0)" } }
    return paths.isEmpty ? nil : TableFiles(paths)
  }
}
