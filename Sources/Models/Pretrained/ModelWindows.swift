import Data

extension RowWindows {
  /// Where a `config.json` keeps what transformers does not know.
  static let key = "lockstep_windows"

  var json: [String: Any] { [Self.key: ["stride": stride]] }

  /// What a `config.json` says of rows that are longer than the model's maximum length; nil where they are cut.
  /// - Throws: `ModelError` that names the key.
  init?(_ reader: ConfigurationReader) throws {
    guard reader.has(Self.key) else { return nil }
    guard let object = reader.json[Self.key] as? [String: Any], let stride = object["stride"] as? Int,
      0...65_535 ~= stride
    else { throw reader.wrong(Self.key, "does not say how many tokens neighbouring windows share (stride)") }
    self.init(stride: stride)
  }
}
