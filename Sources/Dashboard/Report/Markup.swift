import Console
import Foundation

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

  /// A table in a card. Rows without any value are left out.
  static func table(columns: [String], rows: [(name: String, values: [String])]) -> Markup {
    scroll("card", bareTable(columns: columns, rows: rows))
  }

  /// What may be wider than the screen, and is then reached by the keyboard, too.
  static func scroll(_ className: String, _ children: Markup...) -> Markup {
    Markup(html: "<div class=\"scroll \(className)\" tabindex=\"0\">" + children.map(\.html).joined() + "</div>")
  }

  /// A table: a name and a value of each column in each row. Rows without any value are left out.
  static func bareTable(
    columns: [String], rows: [(name: String, values: [String])], className: String = ""
  ) -> Markup {
    let head = columns.map { Markup(html: "<th scope=\"col\">\($0.escapedForHTML)</th>") }
    let body = rows.filter { $0.values.contains { !$0.isEmpty } }.map { row in
      let cells = row.values.map { element("td", "hash", text($0.isEmpty ? "–" : $0)) }
      return element("tr", "", Markup(html: "<th scope=\"row\">\(row.name.escapedForHTML)</th>"), join(cells))
    }
    return element(
      "table", className, element("thead", "", element("tr", "", element("td"), join(head))),
      element("tbody", "", join(body)))
  }
}
