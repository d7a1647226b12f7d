import Support
import Testing

struct HashTests {
  /// Test vectors of the authors: http://www.isthe.com/chongo/src/fnv/test_fnv.c.
  @Test(
    arguments: [
      ("", 0xCBF2_9CE4_8422_2325, 0x811C_9DC5), ("a", 0xAF63_DC4C_8601_EC8C, 0xE40C_292C),
      ("foobar", 0x8594_4171_F739_67E8, 0xBF9C_F968),
    ] as [(String, UInt64, UInt32)])
  func `FNV-1a gives its authors' hashes`(_ text: String, long: UInt64, short: UInt32) {
    #expect(FNV1a(text.utf8).value == long)
    #expect(FNV1a.short(text) == short)
  }

  @Test func `a word is hashed as its eight bytes, the lowest first`() {
    var word = FNV1a()
    word.add(0x0807_0605_0403_0201 as UInt64)
    #expect(word.value == FNV1a([1, 2, 3, 4, 5, 6, 7, 8]).value)
  }

  @Test func `hexadecimal digits keep leading zeros and are read back`() {
    #expect([0x00, 0x0F, 0xA5, 0xFF].map(UInt8.init).hexadecimal == "000fa5ff")
    #expect((0x1F as UInt64).hexadecimal == "000000000000001f")
    for value in [0, 1, 0x8000_0000_0000_0000, UInt64.max] { #expect(UInt64(hexadecimal: value.hexadecimal) == value) }
    #expect(UInt64(hexadecimal: "00000000000000FF") == 255)
  }

  @Test(arguments: ["", "1f", "+00000000000001f", "-00000000000001f", "000000000000001g", "00000000000000001"])
  func `what is not all digits of a number is nil`(_ text: String) { #expect(UInt64(hexadecimal: text) == nil) }
}

struct SoftmaxTests {
  /// scipy.special.softmax and log_softmax of [1000, 1001, 1003].
  @Test func `large scores do not overflow`() {
    let softmax = Softmax([1000, 1001, 1003])
    for (own, scipy) in zip(softmax.probabilities, [0.04201007, 0.1141952, 0.84379473]) {
      #expect(abs(own - scipy) < 1e-8)
    }
    for (own, scipy) in zip(softmax.logarithms, [-3.1698460, -2.1698460, -0.1698460]) {
      #expect(abs(own - scipy) < 1e-7)
    }
    #expect(softmax.crossEntropy(2) == -softmax.logarithms[2])
  }
}
