import Data

extension RowWindows {
  /// Recipe key `data.windows`; nil where it is not there.
  init?(_ data: Section) throws {
    guard let section = try data.section("windows") else { return nil }
    self.init(stride: try section.integer("stride", default: 0, atLeast: 0, atMost: 65_535))
    try section.finish()
    try data.refuse(
      "truncation", unless: false, "is for rows that are cut, and data.windows reads all of them",
      "leave data.windows out")
  }
}
