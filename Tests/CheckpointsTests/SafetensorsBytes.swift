/// The bytes of a safetensors file with this header text and this much data, put together by hand.
///
/// `length` lies about the header where it is given; the data bytes count up from 0.
func safetensors(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
  safetensors(Array(header.utf8), data: (0..<data).map { UInt8(truncatingIfNeeded: $0) }, length: length)
}

/// The bytes of a safetensors file with this header and this data.
func safetensors(_ header: [UInt8], data: [UInt8], length: UInt64? = nil) -> [UInt8] {
  let length = length ?? UInt64(header.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + header + data
}

/// The header's member for one tensor.
func member(_ name: String, _ type: String, _ shape: [Int], _ begin: Int, _ end: Int) -> String {
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
}

/// A number generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
