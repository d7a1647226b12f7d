import Foundation
import Support

/// A run as MLflow lists it. Times are milliseconds since 1970.
struct MLflowRun {
  /// 32 hexadecimal digits.
  var id: String
  var name: String
  var user = NSUserName()
  var start = MLflowRun.now
  /// Nil while the run has not ended.
  var end: Int?

  static var now: Int { Int((Date.now.timeIntervalSince1970 * 1000).rounded()) }

  /// A new run.
  init(name: String) {
    self.init(id: UInt64.random(in: 0 ... .max).hexadecimal + UInt64.random(in: 0 ... .max).hexadecimal, name: name)
  }

  private init(id: String, name: String) { (self.id, self.name) = (id, name) }

  /// The run that a file of `text` names, if it belongs to this folder.
  init?(_ text: [UInt8], in folder: String) {
    guard let object = try? JSONParser.parse(text, .strict), object["folder"]?.string == folder,
      let id = object["run"]?.string, let name = object["name"]?.string, let start = object["start"]?.integer,
      id.count == 32, id.allSatisfy(\.isHexDigit)
    else { return nil }
    self.init(id: id, name: name)
    self.start = start
  }

  /// What a run's folder keeps of it, so that a run that is resumed continues there.
  func line(in folder: String) -> String {
    JSONLine.object([
      ("folder", .string(folder)), ("run", .string(id)), ("name", .string(name)), ("start", .integer(start)),
    ]).description + "\n"
  }
}
