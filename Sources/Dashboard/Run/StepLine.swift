import Glibc

/// The figures of a step's line of `metrics.jsonl`, read without building a value of it; nearly all lines are such.
///
/// A number may be the neighbour of the nearest `Double`, which no screen shows.
struct StepLine {
  private(set) var step: Int?
  private(set) var epoch: Int?
  /// In the order of `RunRecord.figures`; nil where the line has none.
  private(set) var figures: (Double?, Double?, Double?, Double?)
  private(set) var seconds: Double?

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  /// - Returns: nil for a line that holds anything but numbers under the names of a step, which a parser of JSON has to read.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    guard take(UInt8(ascii: "{")) else { return nil }
    repeat {
      guard let name = name(), take(UInt8(ascii: ":")), let number = number(), keep(number, under: name) else {
        return nil
      }
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")), place == bytes.count, step != nil, figures.0 != nil else { return nil }
  }

  private struct Number {
    var value: Double
    /// The number itself where it has neither a point nor an exponent.
    var whole: Int?
  }

  /// - Returns: false for a name that is not known.
  private mutating func keep(_ number: Number, under name: Range<Int>) -> Bool {
    if isName(name, "step") {
      step = number.whole
      return step != nil
    }
    if isName(name, "epoch") {
      epoch = number.whole
      return epoch != nil
    }
    if isName(name, "loss") {
      figures.0 = number.value
    } else if isName(name, "learning_rate") {
      figures.1 = number.value
    } else if isName(name, "gradient_norm") {
      figures.2 = number.value
    } else if isName(name, "samples_per_second") {
      figures.3 = number.value
    } else if isName(name, "seconds") {
      seconds = number.value
    } else {
      return false
    }
    return true
  }

  private func isName(_ name: Range<Int>, _ text: StaticString) -> Bool {
    name.count == text.utf8CodeUnitCount
      && memcmp(bytes.baseAddress! + name.lowerBound, text.utf8Start, name.count) == 0
  }

  private mutating func skipBlanks() {
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 || bytes[place] == 0x0D { place += 1 }
  }

  /// Passes over a byte, and over blanks on both sides.
  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    skipBlanks()
    return true
  }

  private mutating func name() -> Range<Int>? {
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
    let start = place + 1
    place = start
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      if bytes[place] == UInt8(ascii: "\\") { return nil }
      place += 1
    }
    guard place < bytes.count else { return nil }
    place += 1
    return start..<place - 1
  }

  private mutating func number() -> Number? {
    let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
    if isNegative { place += 1 }
    var (digits, power) = (UInt64(0), 0)
    let start = place
    power += readDigits(into: &digits)
    let wholeDigits = place - start
    // Other spellings of zero are no JSON.
    guard wholeDigits > 0, wholeDigits == 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
    var isWhole = power == 0
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      place += 1
      let point = place
      let dropped = readDigits(into: &digits)
      guard place > point else { return nil }
      power += dropped - (place - point)
      isWhole = false
    }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      guard let exponent = exponent() else { return nil }
      power += exponent
      isWhole = false
    }
    // Powers of ten beyond these are no `Double`s.
    guard -22...22 ~= power else { return nil }
    let size = power < 0 ? Double(digits) / Self.powers[-power] : Double(digits) * Self.powers[power]
    return Number(
      value: isNegative ? -size : size, whole: isWhole ? Int(exactly: digits).map { isNegative ? -$0 : $0 } : nil)
  }

  private static let powers: [Double] = (0...22).map { pow(10, Double($0)) }

  /// Adds digits to a number of 18 of them.
  /// - Returns: how many there were beyond that, which are dropped.
  private mutating func readDigits(into number: inout UInt64) -> Int {
    var dropped = 0
    while place < bytes.count, 0x30...0x39 ~= bytes[place] {
      if number < 100_000_000_000_000_000 { number = number * 10 + UInt64(bytes[place] - 0x30) } else { dropped += 1 }
      place += 1
    }
    return dropped
  }

  private mutating func exponent() -> Int? {
    place += 1
    let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
    if isNegative || place < bytes.count && bytes[place] == UInt8(ascii: "+") { place += 1 }
    let start = place
    var value = UInt64(0)
    guard readDigits(into: &value) == 0, place > start, value < 1000 else { return nil }
    return isNegative ? -Int(value) : Int(value)
  }
}
