import Foundation

/// A diagram as SVG: two axes with titles, and lines, dots and bars between them.
struct Plot {
  /// An axis from the least to the greatest value that it shows.
  struct Axis {
    var title: String
    var range: ClosedRange<Double>

    static func share(_ title: String) -> Axis { Axis(title: title, range: 0...1) }

    /// Round values, about five of them.
    var ticks: [Double] {
      let span = range.upperBound - range.lowerBound
      guard span > 0, span.isFinite else { return [range.lowerBound] }
      let power = pow(10, floor(log10(span / 5)))
      let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { span / $0 <= 6 } ?? 10 * power
      let first = (range.lowerBound / step).rounded(.up)
      let count = Int((range.upperBound / step - first + 1e-9).rounded(.down))
      return (0...max(0, count)).map { (first + Double($0)) * step }
    }
  }

  private static let (left, top, width, height) = (46.0, 8.0, 304.0, 228.0)
  private let x: Axis
  private let y: Axis
  private var shapes = ""

  init(x: Axis, y: Axis) { (self.x, self.y) = (x, y) }

  private func across(_ value: Double) -> Double {
    Self.left + Self.width * (value - x.range.lowerBound) / max(1e-300, x.range.upperBound - x.range.lowerBound)
  }

  private func up(_ value: Double) -> Double {
    Self.top + Self.height * (1 - (value - y.range.lowerBound) / max(1e-300, y.range.upperBound - y.range.lowerBound))
  }

  mutating func addLine(_ points: [(x: Double, y: Double)], color: Int) {
    let path = points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(Self.one(across(point.x))) \(Self.one(up(point.y)))"
    }
    shapes += "<path class=\"line s\(color % 8)\" d=\"\(path.joined())\"/>"
  }

  mutating func addDots(_ points: [(x: Double, y: Double)], color: Int, opacity: Double) {
    let dots = points.map { "<circle cx=\"\(Self.one(across($0.x)))\" cy=\"\(Self.one(up($0.y)))\" r=\"2.4\"/>" }
    shapes += "<g class=\"f\(color % 8)\" opacity=\"\(Self.one(opacity))\">\(dots.joined())</g>"
  }

  /// A bar from the axis, with a dot where its rows are.
  mutating func addBar(_ range: ClosedRange<Double>, height: Double, dot: Double, opacity: Double, words: String) {
    let (start, end) = (across(range.lowerBound) + 1, across(range.upperBound) - 1)
    shapes += """
      <g><title>\(words.escapedForHTML)</title>\
      <rect class="f0" x="\(Self.one(start))" y="\(Self.one(up(height)))" width="\(Self.one(end - start))" \
      height="\(Self.one(up(0) - up(height)))" opacity="\(Self.one(opacity))"/>\
      <circle class="f1" cx="\(Self.one(across(dot)))" cy="\(Self.one(up(height)))" r="3"/></g>
      """
  }

  /// A dotted line from one point to another.
  mutating func addRule(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
    shapes += """
      <line class="mark" x1="\(Self.one(across(start.x)))" y1="\(Self.one(up(start.y)))" x2="\(Self.one(across(end.x)))" \
      y2="\(Self.one(up(end.y)))"/>
      """
  }

  /// - Parameter label: for those who do not see it.
  func markup(label: String) -> Markup {
    let (right, bottom) = (Self.left + Self.width, Self.top + Self.height)
    let horizontal = y.ticks.map { value in
      """
      <line class="rule" x1="\(Self.left)" x2="\(right)" y1="\(Self.one(up(value)))" y2="\(Self.one(up(value)))"/>\
      <text x="\(Self.left - 6)" y="\(Self.one(up(value)))" dy="4" text-anchor="end">\(Self.tick(value))</text>
      """
    }
    let vertical = x.ticks.map { value in
      """
      <text x="\(Self.one(across(value)))" y="\(bottom + 15)" text-anchor="middle">\(Self.tick(value))</text>
      """
    }
    return Markup(
      html: """
        <svg class="diagram chart" viewBox="0 0 360 272" role="img" aria-label="\(label.escapedForHTML)">\
        \(horizontal.joined())\(vertical.joined())\(shapes)\
        <text class="axis" x="\(Self.left + Self.width / 2)" y="\(bottom + 32)" text-anchor="middle">\(x.title.escapedForHTML)</text>\
        <text class="axis" transform="translate(10 \(Self.top + Self.height / 2)) rotate(-90)" text-anchor="middle">\
        \(y.title.escapedForHTML)</text></svg>
        """)
  }

  private static func tick(_ value: Double) -> String { String(format: "%g", (value * 1e9).rounded() / 1e9) }

  private static func one(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
