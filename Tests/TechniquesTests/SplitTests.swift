import Techniques
import Tensors
import Testing

@Suite("A split of rows")
struct SplitTests {
  /// Rows of 4 classes, of which the first is common and the last has one row.
  private static let classes: [Int32] = (0..<500).map { row in
    row == 77 ? 9 : row % 10 == 0 ? 2 : row % 3 == 0 ? 1 : 0
  }

  private func counts(_ rows: [Int], _ classes: [Int32] = classes) -> [Int32: Int] {
    rows.reduce(into: [:]) { $0[classes[$1], default: 0] += 1 }
  }

  @Test("has every row once, in its order", arguments: [0.01, 0.1, 0.25, 0.5, 0.99], [1 as UInt64, 2, 3])
  func whole(fraction: Double, seed: UInt64) throws {
    let split = try #require(Split(classes: Self.classes, fraction: fraction, seed: seed))
    #expect((split.train + split.validation).sorted() == Array(Self.classes.indices))
    #expect(split.train == split.train.sorted() && split.validation == split.validation.sorted())
  }

  @Test("gives each class its share within a row, and the whole its rounded share", arguments: [0.1, 0.2, 0.33, 0.5])
  func stratified(fraction: Double) throws {
    let split = try #require(Split(classes: Self.classes, fraction: fraction, seed: 5))
    #expect(split.validation.count == Int((fraction * 500).rounded()))
    let (all, chosen) = (counts(Array(Self.classes.indices)), counts(split.validation))
    for (label, rows) in all {
      #expect(abs(Double(chosen[label] ?? 0) - fraction * Double(rows)) < 1, "class \(label)")
    }
    #expect(chosen[9] == nil, "the only row of a class is trained on")
  }

  @Test("depends on the seed, and not on how classes are numbered")
  func pure() throws {
    let split = try #require(Split(classes: Self.classes, fraction: 0.2, seed: 7))
    #expect(Split(classes: Self.classes, fraction: 0.2, seed: 7) == split)
    #expect(Split(classes: Self.classes, fraction: 0.2, seed: 8) != split)
    let renumbered = Self.classes.map { [0: 3, 1: 0, 2: -1, 9: 1][$0, default: 0] as Int32 }
    #expect(Split(classes: renumbered, fraction: 0.2, seed: 7) == split)
  }

  @Test("has a row on each side, however few there are")
  func few() throws {
    for (classes, fraction) in [([0, 1], 0.01), ([0, 0], 0.99), ([0, 1, 2], 0.5)] as [([Int32], Double)] {
      let split = try #require(Split(classes: classes, fraction: fraction, seed: 1))
      #expect(!split.train.isEmpty && !split.validation.isEmpty)
    }
    #expect(Split(classes: [0], fraction: 0.5, seed: 1) == nil)
  }

  /// Groups of 1 to 7 rows, and one of 60.
  private static let groups: [Int] = {
    var groups: [Int] = []
    for group in 0..<200 { groups += [Int](repeating: group, count: 1 + group % 7) }
    return Array(groups.prefix(440)) + [Int](repeating: 1_000_000, count: 60)
  }()

  @Test("keeps groups whole, and their classes near their shares", arguments: [0.1, 0.2, 0.5])
  func grouped(fraction: Double) throws {
    let split = try #require(Split(classes: Self.classes, groups: Self.groups, fraction: fraction, seed: 3))
    #expect((split.train + split.validation).sorted() == Array(Self.classes.indices))
    let (train, validation) = (Set(split.train.map { Self.groups[$0] }), Set(split.validation.map { Self.groups[$0] }))
    #expect(train.isDisjoint(with: validation))
    let chosen = counts(split.validation)
    for (label, rows) in counts(Array(Self.classes.indices)) where rows > 10 {
      #expect(abs(Double(chosen[label] ?? 0) - fraction * Double(rows)) < 8, "class \(label): \(chosen[label] ?? 0)")
    }
    #expect(Split(classes: Self.classes, groups: Self.groups, fraction: fraction, seed: 3) == split)
  }

  @Test("needs two groups, and gives each side one")
  func fewGroups() throws {
    let classes: [Int32] = [0, 1, 0, 1]
    #expect(Split(classes: classes, groups: [5, 5, 5, 5], fraction: 0.5, seed: 1) == nil)
    for fraction in [0.01, 0.5, 0.99] {
      let split = try #require(Split(classes: classes, groups: [1, 1, 1, 2], fraction: fraction, seed: 1))
      #expect([split.train, split.validation].contains([3]))
    }
  }

  @Test("Folds of groups keep them whole and alike", arguments: [2, 3, 5])
  func folds(count: Int) {
    let folds = Folds(labels: Self.classes, groups: Self.groups, count: count, seed: 11)
    let places = Dictionary(zip(Self.groups, folds.assignment)) { first, second in first == second ? first : -1 }
    #expect(!places.values.contains(-1))
    let sizes = (0..<count).map { folds.held(out: $0).count }
    #expect(sizes.reduce(0, +) == 500 && (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 8, "\(sizes)")
    for label: Int32 in [0, 1, 2] {
      let rows = (0..<count).map { counts(folds.held(out: $0))[label] ?? 0 }
      #expect((rows.max() ?? 0) - (rows.min() ?? 0) <= 8, "class \(label): \(rows)")
    }
    #expect(
      Folds(labels: Self.classes, groups: nil, count: count, seed: 11)
        == Folds(labels: Self.classes, count: count, seed: 11))
  }
}
