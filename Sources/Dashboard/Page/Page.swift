import Crypto
import Foundation

/// A page that asks for nothing outside itself: its style and its scripts stand in it, and its policy names their digests.
struct Page {
  let html: String
  /// The content security policy that allows these scripts and this style, and nothing else.
  let policy: String

  /// - Parameters:
  ///   - title: any text.
  ///   - body: HTML, with every text of other people escaped.
  ///   - data: JSON for the scripts to find in the element `data`, or nil.
  ///   - connects: whether the scripts may talk to the server the page came from.
  init(title: String, body: String, scripts: [String], data: String? = nil, connects: Bool) {
    let style = Assets.style
    let script = scripts.joined(separator: "\n")
    let policy =
      "default-src 'none'; script-src 'sha256-\(Self.digest(script))'; style-src 'sha256-\(Self.digest(style))'; "
      + (connects ? "connect-src 'self'; " : "") + "img-src data:; base-uri 'none'; form-action 'none'"
    // A page in a file brings its policy itself.
    let meta = connects ? "" : "<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">\n"
    let block = data.map { "<script type=\"application/json\" id=\"data\">\(Self.embeddable($0))</script>\n" } ?? ""
    self.policy = policy + "; frame-ancestors 'none'"
    html = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      \(meta)<meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title.escapedForHTML)</title>
      <link rel="icon" href="data:image/svg+xml,\(Assets.icon)">
      <style>\(style)</style>
      </head>
      <body>
      \(body)
      \(block)<script>\(script)</script>
      </body>
      </html>

      """
  }

  private static func digest(_ text: String) -> String {
    Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
  }

  /// JSON that no sequence of characters in it can end the element it stands in.
  private static func embeddable(_ json: String) -> String { json.replacingOccurrences(of: "<", with: "\\u003c") }
}

extension String {
  /// Text that stands for itself in HTML, between tags and in quoted attributes.
  var escapedForHTML: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
