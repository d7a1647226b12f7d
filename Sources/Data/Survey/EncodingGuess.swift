/// Which encoding a file is probably written in.
enum EncodingGuess {
  /// UTF-8 where it is that, or UTF-16 by its mark; else by where bytes from 0x80 on stand: in pairs as Chinese text has them, or
  /// alone among letters as European text has them. A guess that is wrong shows in the texts, and the recipe says what it is.
  static func encoding(of bytes: [UInt8]) -> TextEncoding {
    func fits(_ encoding: TextEncoding) -> Bool { (try? encoding.decode(bytes)) != nil }
    if fits(.utf8), !bytes.prefix(4096).contains(0) { return .utf8 }
    let start = bytes.prefix(4096)
    if start.count(where: { $0 == 0 }) * 5 > start.count, fits(.utf16) { return .utf16 }
    if pairedShare(bytes) > 0.6, let chinese = [.gb18030, .big5, .shiftJIS].first(where: fits) { return chinese }
    return fits(.windows1252) ? .windows1252 : .latin1
  }

  /// The share of bytes from 0x80 on that stand next to another one.
  private static func pairedShare(_ bytes: [UInt8]) -> Double {
    var (high, paired) = (0, 0)
    for index in bytes.indices where bytes[index] >= 0x80 {
      high += 1
      let before = index > 0 && bytes[index - 1] >= 0x80
      if before || (index + 1 < bytes.count && bytes[index + 1] >= 0x80) { paired += 1 }
    }
    return high == 0 ? 0 : Double(paired) / Double(high)
  }
}
