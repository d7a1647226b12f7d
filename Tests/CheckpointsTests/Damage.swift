/// Flips a bit, changes, removes, inserts or repeats bytes at a random place, with a liking for what JSON is made of.
func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
  guard !bytes.isEmpty else { return }
  let place = Int.random(in: bytes.indices, using: &generator)
  let structural = Array("{}[]\",:0123456789-.e\\u".utf8)
  switch Int.random(in: 0..<6, using: &generator) {
  case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
  case 1: bytes[place] = structural.randomElement(using: &generator)!
  case 2: bytes.remove(at: place)
  case 3: bytes.insert(structural.randomElement(using: &generator)!, at: place)
  case 4: bytes.removeSubrange(place...)
  default:
    let end = Int.random(in: place...min(bytes.count, place + 40), using: &generator)
    bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: bytes.indices, using: &generator))
  }
}

/// How many damaged inputs a fuzz test tries: a tenth in a debug build, which is ten times slower.
func fuzzRounds(_ count: Int) -> Int {
  #if DEBUG
    count / 10
  #else
    count
  #endif
}
