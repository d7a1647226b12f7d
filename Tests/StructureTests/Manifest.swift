/// The targets of a Package.swift in their order, without those of tests.
struct Manifest {
  struct Target: Equatable {
    let name: String
    /// Targets of the package, not products of others.
    let dependencies: [String]
    let isLibraryInC: Bool
  }

  let targets: [Target]

  init(_ text: String) {
    let code = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.drop { $0 == " " }.hasPrefix("//") ? "" : line
    }.joined(separator: "\n")
    let list = Self.part(of: code[...], after: "targets: [\n", open: "[", close: "]") ?? ""
    var (rest, targets) = (list, [Target]())
    while let (kind, start) = Self.nextTarget(in: rest) {
      guard let call = Self.part(of: rest[start...], after: "(", open: "(", close: ")") else { break }
      rest = rest[call.endIndex...]
      let own = Self.part(of: call, after: "path: \"", open: "\"", close: "\"")
      guard kind != ".testTarget", own?.hasPrefix("Tests/") != true,
        let name = Self.part(of: call, after: "name: \"", open: "\"", close: "\"")
      else { continue }
      let list = Self.part(of: call, after: "dependencies: [", open: "[", close: "]") ?? ""
      let strings = list.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      targets.append(
        Target(
          name: String(name), dependencies: strings.filter { $0.offset % 2 == 1 }.map { String($0.element) },
          isLibraryInC: name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true))
    }
    self.targets = targets
  }

  private static func nextTarget(in text: Substring) -> (kind: String, start: Substring.Index)? {
    [".target(", ".executableTarget(", ".systemLibrary(", ".testTarget("].compactMap { kind in
      text.firstRange(of: kind).map { (String(kind.dropLast()), $0.lowerBound) }
    }.min { $0.1 < $1.1 }
  }

  /// The text behind a beginning, up to the end that closes it.
  private static func part(
    of text: Substring, after beginning: String, open: Character, close: Character
  ) -> Substring? {
    guard let start = text.firstRange(of: beginning)?.upperBound else { return nil }
    var depth = 1
    for index in text[start...].indices {
      if text[index] == close {
        depth -= 1
      } else if text[index] == open {
        depth += 1
      }
      if depth == 0 { return text[start..<index] }
    }
    return nil
  }
}

extension Manifest {
  /// What is wrong with the imports of files, by the name of their target.
  func wrongImports(of files: [String: [SwiftFile]]) -> [String] {
    let places = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($1.name, $0) })
    return targets.enumerated().flatMap { place, target in
      let upward = target.dependencies.filter { places[$0].map { $0 >= place } ?? true }.map {
        "\(target.name) depends on \($0), which Package.swift does not declare above it"
      }
      let undeclared = (files[target.name] ?? []).flatMap { file in
        file.imports.filter { places[$0] != nil && !target.dependencies.contains($0) }.map {
          "\(file.path) imports \($0), which is not a dependency of \(target.name)"
        }
      }
      let missing = (files[target.name] ?? []).isEmpty && !target.isLibraryInC ? ["\(target.name) has no files"] : []
      return upward + undeclared + missing
    }
  }

  /// The files that import each library in C, where they are not exactly one.
  func sharedLibraries(of files: [String: [SwiftFile]]) -> [String: [String]] {
    var shared: [String: [String]] = [:]
    for library in targets where library.isLibraryInC {
      let importers = files.values.joined().filter { $0.imports.contains(library.name) }.map(\.path).sorted()
      if importers.count != 1 { shared[library.name] = importers }
    }
    return shared
  }
}
