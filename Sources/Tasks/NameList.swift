extension [String] {
  /// The first of these names, for a message.
  var inShort: String { prefix(20).joined(separator: ", ") + (count > 20 ? ", …" : "") }
}
