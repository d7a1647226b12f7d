import Dashboard
import Testing

@Suite("A curve")
struct CurveTests {
  @Test(
    "gives of each bucket what a look at all its values gives",
    arguments: [1, 2, 7, 600, 16_384, 16_385, 100_000], [64, 600])
  func naiveTwin(steps: Int, buckets: Int) {
    var curve = Curve()
    let values = (1...steps).map { ($0, Self.value($0)) }
    for (step, value) in values { curve.add(value, step: step) }
    let width = max(Curve.width(steps: steps, buckets: buckets), curve.width)
    let points = curve.points(width: width)
    #expect(points.count <= buckets && curve.latest == values.last?.1)
    let groups = Dictionary(grouping: values) { $0.0 / width }
    #expect(points.map(\.index) == groups.keys.sorted())
    let wrong = points.first { point in
      let group = groups[point.index]!.map(\.1)
      return point.least != group.min() || point.greatest != group.max() || point.step != groups[point.index]!.last!.0
        || abs(point.mean - group.reduce(0, +) / Double(group.count)) > 1e-9
    }
    #expect(wrong == nil)
  }

  @Test("keeps one spike among 100,000 steps")
  func spike() {
    var curve = Curve()
    for step in 1...100_000 { curve.add(step == 54_321 ? 1000 : 1, step: step) }
    let points = curve.points(width: 256)
    #expect(points.filter { $0.greatest == 1000 }.map(\.index) == [54_321 / 256])
    #expect(points.allSatisfy { $0.least == 1 })
  }

  @Test("of a later beginning is the end of the whole one")
  func tail() {
    var curve = Curve()
    for step in 1...5000 { curve.add(Self.value(step), step: step) }
    let whole = curve.points(width: 8)
    #expect(curve.points(width: 8, from: 600) == whole.filter { $0.index >= 600 })
    #expect(curve.points(width: 8, from: 10_000).isEmpty)
    #expect(curve.points(width: 8, from: .max).isEmpty)
  }

  @Test("takes no more memory for a step of any number, and leaves out what is no figure")
  func hostile() {
    var curve = Curve()
    curve.add(1, step: 3)
    curve.add(2, step: Curve.lastStep)
    #expect(curve.points(width: curve.width).map(\.mean) == [1, 2])
    #expect(Curve.lastStep / curve.width < Curve.capacity)
    for (value, step) in [(Double.nan, 1), (.infinity, 2), (5, -1), (5, .max), (5, .min)] {
      curve.add(value, step: step)
    }
    #expect(curve.points(width: curve.width).map(\.greatest) == [1, 2] && curve.latest == 2)
  }

  /// Something uneven.
  private static func value(_ step: Int) -> Double { Double((step &* 2_654_435_761) % 10_007) / 97 - 20 }
}
