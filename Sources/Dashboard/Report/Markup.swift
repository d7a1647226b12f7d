import Foundation
import Console

/// HTML that is put together from texts, which are escaped, and from other HTML.
struct Markup {
  private(set) var html: String

  /// A text that stands for itself.
  static func text(_ text: String) -> Markup { Markup(html: text.escapedForHTML) }

  /// A score or a loss as reports print it.
  static func four(_ value: Double) -> String { value.text(decimals: 4) }

  /// An element with a class, and with children one after the other.
  static func element(_ tag: String, _ className: String = "", _ children: Markup...) -> Markup {
    let attribute = className.isEmpty ? "" : " class=\"\(className.escapedForHTML)\""
    return Markup(html: "<\(tag)\(attribute)>" + children.map(\.html).joined() + "</\(tag)>")
  }

  /// An empty element for a script to fill.
  static func place(_ className: String, id: String) -> Markup {
    Markup(html: "<div class=\"\(className.escapedForHTML)\" id=\"\(id.escapedForHTML)\"></div>\n")
  }

  /// A heading and what stands below it.
  static func part(_ title: String, _ content: [Markup]) -> Markup {
    join([.element("h2", "part", .text(title))] + content)
  }

  static func join(_ parts: [Markup]) -> Markup { Markup(html: parts.map(\.html).joined(separator: "\n")) }

  /// A table: a name and a value of each column in each row. Rows without any value are left out.
  static func table(columns: [String], rows: [(name: String, values: [String])]) -> Markup {
    let head = [Markup.element("th")] + columns.map { element("th", "", text($0)) }
    let body = rows.filter { $0.values.contains { !$0.isEmpty } }.map { row in
      let cells = row.values.map { element("td", "hash", text($0.isEmpty ? "–" : $0)) }
      return element("tr", "", element("th", "", text(row.name)), join(cells))
    }
    return element("div", "card scroll", element("table", "", element("tr", "", join(head)), join(body)))
  }
}
