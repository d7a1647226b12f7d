import Foundation

/// A heading of a report and what stands below it, for HTML and Markdown alike.
struct ReportPart {
  enum Block {
    /// A name and a value of each column in each row; rows without any value are left out.
    case table(columns: [String], rows: [(name: String, values: [String])])
    case text(String)
    /// Lines as they are, under a title.
    case code(title: String, String)
    /// What Markdown has no form for.
    case figure(Markup)
    /// A figure next to what Markdown says in its place.
    case both(Markup, markdown: [Block])
  }

  var title: String
  var blocks: [Block]

  init(_ title: String, _ blocks: [Block]) { (self.title, self.blocks) = (title, blocks) }

  var html: Markup {
    blocks.isEmpty ? .join([]) : .part(title, blocks.map(Self.html))
  }

  private static func html(_ block: Block) -> Markup {
    switch block {
    case .table(let columns, let rows): .table(columns: columns, rows: rows)
    case .text(let text): .element("p", "card", .text(text))
    case .code(let title, let text):
      .element(
        "div", "card", .element("div", "head", .element("h3", "", .text(title))),
        Markup(html: "<pre tabindex=\"0\">\(text.escapedForHTML)</pre>"))
    case .figure(let markup), .both(let markup, _): markup
    }
  }

  var markdown: String {
    let body = blocks.compactMap(Self.markdown)
    return body.isEmpty ? "" : "## \(title)\n\n" + body.joined(separator: "\n\n") + "\n"
  }

  private static func markdown(_ block: Block) -> String? {
    switch block {
    case .table(let columns, let rows):
      let kept = rows.filter { $0.values.contains { !$0.isEmpty } }
      guard !kept.isEmpty else { return nil }
      let head = "| |" + columns.map { " \(cell($0)) |" }.joined()
      let rule = "|---|" + columns.map { _ in "---|" }.joined()
      let lines = kept.map { "| \(cell($0.name)) |" + $0.values.map { " \($0.isEmpty ? "–" : cell($0)) |" }.joined() }
      return ([head, rule] + lines).joined(separator: "\n")
    case .text(let text): return cell(text)
    case .code(let title, let text):
      let fence = text.contains("```") ? "````" : "```"
      return "\(cell(title)):\n\n\(fence)\n\(text.trimmingCharacters(in: .newlines))\n\(fence)"
    case .figure: return nil
    case .both(_, let blocks):
      let parts = blocks.compactMap(markdown)
      return parts.isEmpty ? nil : parts.joined(separator: "\n\n")
    }
  }

  /// Text that stands for itself in a cell: neither a mark of Markdown nor a tag of HTML.
  private static func cell(_ text: String) -> String {
    var result = ""
    for character in text {
      if "\\`*_[]<>|#".contains(character) { result += "\\" }
      result += character.isNewline ? " " : String(character)
    }
    return result
  }
}
