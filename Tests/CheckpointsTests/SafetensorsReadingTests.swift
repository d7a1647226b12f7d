import Checkpoints
import Foundation
import Testing

/// What is read from sound files.
@Suite struct SafetensorsReadingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func file(
    _ type: String, _ elements: [some FixedWidthInteger], shape: [Int]? = nil
  ) throws -> SafetensorsFile {
    let data = elements.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    let header = "{\(member("x", type, shape ?? [elements.count], 0, data.count))}"
    return try SafetensorsFile(folder.write(safetensors(Array(header.utf8), data: data)))
  }

  @Test("every half-precision number is read as the same number in single precision")
  func halves() throws {
    let values = try file("F16", (0...UInt16.max).map { $0 }).floats("x")
    for (bits, value) in values.enumerated() {
      let expected = Float(Float16(bitPattern: UInt16(bits)))
      #expect(value.isNaN ? expected.isNaN : value.bitPattern == expected.bitPattern, "bits \(bits)")
    }
  }

  @Test("every bfloat16 is read as the single-precision number whose upper half it is")
  func brainFloats() throws {
    let values = try file("BF16", (0...UInt16.max).map { $0 }).floats("x")
    #expect(values.map(\.bitPattern) == (0...UInt32(UInt16.max)).map { $0 << 16 })
  }

  @Test("single precision keeps its bits, NaN payloads and negative zero too")
  func singles() throws {
    let bits: [UInt32] = [0, 0x8000_0000, 0x3F80_0000, 0x7FC1_2345, 0x0000_0001, 0xFF80_0000]
    #expect(try file("F32", bits).floats("x").map(\.bitPattern) == bits)
  }

  @Test("double precision is kept as doubles and rounded to nearest as floats")
  func doubles() throws {
    let values: [Double] = [0.1, -1e300, .leastNonzeroMagnitude, 1 + 0x1p-24]
    let read = try file("F64", values.map(\.bitPattern))
    #expect(try read.doubles("x") == values)
    #expect(try read.floats("x") == [0.1, -.infinity, 0, 1])
    #expect(try file("F32", [Float(0.1).bitPattern]).doubles("x") == [Double(Float(0.1))])
  }

  @Test("integers of every width keep their sign")
  func integers() throws {
    #expect(try file("I64", [Int64.min, -1, .max]).integers("x") == [.min, -1, .max])
    #expect(try file("I32", [Int32.min, -1, .max]).integers("x") == [-2_147_483_648, -1, 2_147_483_647])
    #expect(try file("I16", [Int16.min, -1]).integers("x") == [-32768, -1])
    #expect(try file("I8", [Int8.min, -1]).integers("x") == [-128, -1])
    #expect(try file("U8", [UInt8.max]).integers("x") == [255])
    #expect(try file("U16", [UInt16.max]).integers("x") == [65535])
    #expect(try file("U32", [UInt32.max]).integers("x") == [4_294_967_295])
    #expect(try file("U64", [UInt64(7)]).integers("x") == [7])
    #expect(try file("BOOL", [UInt8(0), 1]).integers("x") == [0, 1])
  }

  @Test("an unsigned number too large for 64 signed bits is refused")
  func hugeUnsigned() throws {
    let read = try file("U64", [UInt64.max])
    #expect(throws: SafetensorsError.self) { try read.integers("x") }
  }

  @Test("a tensor of integers is not read as floats, nor floats as integers, and the error names the tensor")
  func wrongKind() throws {
    let integers = try file("I64", [Int64(1)])
    let error = #expect(throws: SafetensorsError.self) { try integers.floats("x") }
    #expect(error?.tensor == "x")
    let floats = try file("F32", [UInt32(1)])
    #expect(throws: SafetensorsError.self) { try floats.integers("x") }
  }

  @Test("tensors at odd addresses are read right")
  func unaligned() throws {
    let header = "{\(member("a", "U8", [1], 0, 1)),\(member("b", "F32", [], 1, 5)),\(member("c", "F64", [1], 5, 13))} "
    let data = [7] + withUnsafeBytes(of: Float(1.5).bitPattern, Array.init) + withUnsafeBytes(of: 2.5, Array.init)
    let read = try SafetensorsFile(folder.write(safetensors(Array(header.utf8), data: data)))
    #expect(try read.floats("b") == [1.5])
    #expect(read["b"]?.shape == [])
    #expect(try read.floats("c") == [2.5])
  }

  @Test("a header in another order, with blanks, escapes and metadata says the same")
  func permissibleHeaders() throws {
    let header = """
      { "b" : {"data_offsets":[4,8], "shape":[1], "dtype":"F32"},
        "__metadata__":{"format":"pt","note":"\\u00e9\\ud83d\\ude00\\n"},\t"\\u0061":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]} }
      """
    let read = try SafetensorsFile(folder.write(safetensors(header, data: 8)))
    #expect(read.names == ["a", "b"])
    #expect(read.metadata == ["format": "pt", "note": "é😀\n"])
  }

  @Test("empty tensors and a file without tensors are sound")
  func empty() throws {
    #expect(try file("F32", [UInt32](), shape: [3, 0]).floats("x") == [])
    #expect(try SafetensorsFile(folder.write(safetensors("{}"))).names == [])
  }

  @Test(
    "golden files are read with their names, shapes and values",
    arguments: ["adamw/initial", "bert-forward-backward/gradients"])
  func goldenWeights(name: String) throws {
    let read = try SafetensorsFile(golden("\(name).safetensors"))
    let words = "bert.embeddings.word_embeddings.weight"
    #expect(read[words]?.shape == [211, 32])
    #expect(read[words]?.type == .float32)
    // Independent of the reader: the tensor's place in these files, found with Python's struct and json.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: golden("\(name).safetensors")))
    let last = try #require(read.entries.last)
    let tail = bytes.suffix(4).enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << ($1.offset * 8) }
    #expect(try read.floats(last.name).last?.bitPattern == tail)
    #expect(read.entries.reduce(0) { $0 + $1.count } * 4 == bytes.count - read.entries[0].bytes.lowerBound)
  }

  @Test("golden inputs are read as integers")
  func goldenInputs() throws {
    let read = try SafetensorsFile(golden("adamw/inputs.safetensors"))
    let labels = try read.integers("0.labels")
    #expect(labels.count == 8)
    #expect(labels.allSatisfy { (0..<3).contains($0) })
    #expect(try Set(read.integers("0.attention_mask")) == [0, 1])
  }

  @Test("the digest of the tensor data ignores the header and sees every data byte")
  func tensorDigest() throws {
    let header = "{\(member("x", "U8", [3], 0, 3))}"
    let one = try sha256OfTensorData(folder.write(safetensors(Array(header.utf8), data: Array("abc".utf8))))
    // FIPS 180-2, appendix B.1.
    #expect(one == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let two = try sha256OfTensorData(folder.write(safetensors(Array((header + "  ").utf8), data: Array("abc".utf8))))
    #expect(two == one)
    #expect(try sha256OfTensorData(folder.write(safetensors(Array(header.utf8), data: Array("abd".utf8)))) != one)
  }
}
