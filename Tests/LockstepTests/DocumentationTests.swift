import Foundation
import Testing

@Suite("The documentation")
struct DocumentationTests {
  private static let pages = (try? Documentation.pages()) ?? []

  @Test("links pages and declarations that are there", arguments: pages)
  func links(page: String) throws {
    let text = try Documentation.text(of: page)
    for match in text.matches(of: /<doc:([^>]*)>/) {
      #expect(Self.pages.contains("\(match.1).md"), "\(page) links the page \(match.1)")
    }
    let sources = try Documentation.sources
    let prose = text.replacing(/```[\s\S]*?```/, with: "")
    for match in prose.matches(of: /``([^`]+)``/) where match.1 != "Lockstep" {
      let name = String(match.1.split(separator: "/").last?.prefix { $0 != "(" } ?? "")
      let pattern = try Regex("public [a-z ]*(class|struct|enum|protocol|func|var|let|typealias) \(name)\\b")
      #expect(sources.contains { $0.contains(pattern) }, "\(page) links \(match.1)")
    }
  }

  @Test("lists every page on its first")
  func index() throws {
    let first = try Documentation.text(of: "Lockstep.md")
    for page in Self.pages where page != "Lockstep.md" {
      #expect(first.contains("<doc:\(page.dropLast(3))>"), "\(page)")
    }
  }

  @Test("begins every page with a title, a sentence and an overview", arguments: pages)
  func form(page: String) throws {
    let lines = try Documentation.text(of: page).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("# ") && lines[1].isEmpty && lines[2].hasSuffix("."), "\(page)")
  }

  @Test("shows code that is built and run", arguments: pages)
  func code(page: String) throws {
    let programs = try Documentation.examples.map(Self.plain)
    for match in try Documentation.text(of: page).matches(of: /```swift\n([\s\S]*?)```/) {
      let code = Self.plain(String(match.1))
      #expect(programs.contains { $0.contains(code) }, "\(page): no example has this code:\n\(match.1)")
    }
  }

  /// Lines without indentation.
  private static func plain(_ text: String) -> String {
    text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
  }
}
