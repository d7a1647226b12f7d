/// The classes of rows, numbered in the order in which they appear, so that no other numbering of them counts.
struct Strata {
  /// The class of each row.
  let numbers: [Int]
  /// The rows of each class.
  let counts: [Int]

  init(_ classes: [Int32]) {
    var known: [Int32: Int] = [:]
    var counts: [Int] = []
    numbers = classes.map { label in
      let number = known[label] ?? counts.count
      if number == counts.count {
        known[label] = number
        counts.append(0)
      }
      counts[number] += 1
      return number
    }
    self.counts = counts
  }
}
