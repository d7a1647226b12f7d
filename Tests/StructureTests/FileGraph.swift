/// Which files of a module refer to which others, by the types that these declare.
struct FileGraph {
  /// The types of file `to` that file `from` names: `arrows[from][to]`.
  private let arrows: [[Int: [String]]]
  private let paths: [String]

  init(_ files: [SwiftFile]) {
    let files = files.sorted { $0.path < $1.path }
    var owners: [String: Int] = [:]
    for (index, file) in files.enumerated() {
      for type in file.types where owners[type] == nil { owners[type] = index }
    }
    paths = files.map(\.path)
    arrows = files.enumerated().map { index, file in
      var arrows: [Int: [String]] = [:]
      for word in file.references.sorted() {
        if let owner = owners[word], owner != index { arrows[owner, default: []].append(word) }
      }
      return arrows
    }
  }

  /// A sentence for each group of files that refer to each other in a circle: a shortest circle of it, arrow by arrow.
  var circles: [String] {
    let reached = paths.indices.map { reach(from: $0) }
    var (found, seen) = ([String](), Set<Int>())
    for file in paths.indices where reached[file].contains(file) && !seen.contains(file) {
      let group = reached[file].filter { reached[$0].contains(file) }
      seen.formUnion(group)
      let circle = group.compactMap { shortestCircle(through: $0) }.min { ($0.count, $0[0]) < ($1.count, $1[0]) }
      found.append(circle.map(sentence) ?? "")
    }
    return found
  }

  /// The files that a file refers to, also by way of others.
  private func reach(from start: Int) -> Set<Int> {
    var (reached, open) = (Set<Int>(), [start])
    while let file = open.popLast() {
      for next in arrows[file].keys where reached.insert(next).inserted { open.append(next) }
    }
    return reached
  }

  private func shortestCircle(through start: Int) -> [Int]? {
    var (previous, open) = ([Int: Int](), [start])
    while !open.isEmpty {
      var further: [Int] = []
      for file in open {
        for next in arrows[file].keys.sorted() where previous[next] == nil {
          previous[next] = file
          if next == start {
            var circle = [file]
            while let before = previous[circle[0]], circle[0] != start { circle.insert(before, at: 0) }
            return circle
          }
          further.append(next)
        }
      }
      open = further
    }
    return nil
  }

  private func sentence(_ circle: [Int]) -> String {
    zip(circle, circle.dropFirst() + circle.prefix(1)).map { from, to in
      "\(paths[from]) refers to \(arrows[from][to]?.joined(separator: ", ") ?? "") of \(paths[to])"
    }.joined(separator: "; ")
  }
}
