/// The instructions of a pickle that weights need. Source: Python, `Lib/pickletools.py`.
package enum PickleOpcode: UInt8, CaseIterable {
  case mark = 0x28  // (
  case emptyTuple = 0x29  // )
  case stop = 0x2E  // .
  case float = 0x47  // G
  case int = 0x4A  // J
  case int1 = 0x4B  // K
  case int2 = 0x4D  // M
  case none = 0x4E  // N
  case persistentID = 0x51  // Q
  case reduce = 0x52  // R
  case string = 0x54  // T
  case shortString = 0x55  // U
  case unicode = 0x58  // X
  case emptyList = 0x5D  // ]
  case append = 0x61  // a
  case build = 0x62  // b
  case global = 0x63  // c
  case appends = 0x65  // e
  case get = 0x68  // h
  case longGet = 0x6A  // j
  case put = 0x71  // q
  case longPut = 0x72  // r
  case setItem = 0x73  // s
  case tuple = 0x74  // t
  case setItems = 0x75  // u
  case emptyDictionary = 0x7D  // }
  case version = 0x80
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case newTrue = 0x88
  case newFalse = 0x89
  case long1 = 0x8A
  case long4 = 0x8B
  case shortUnicode = 0x8C
  case unicode8 = 0x8D
  case stackGlobal = 0x93
  case memoize = 0x94
  case frame = 0x95

  /// Python's name of an instruction that is not read here, or its number.
  static func refused(_ byte: UInt8) -> String { names[byte] ?? "0x" + String(byte, radix: 16) }

  private static let names: [UInt8: String] = [
    0x30: "POP", 0x31: "POP_MARK", 0x32: "DUP", 0x42: "BINBYTES", 0x43: "SHORT_BINBYTES", 0x46: "FLOAT", 0x49: "INT",
    0x4C: "LONG", 0x50: "PERSID", 0x53: "STRING", 0x56: "UNICODE", 0x64: "DICT", 0x67: "GET", 0x69: "INST",
    0x6C: "LIST", 0x6F: "OBJ", 0x70: "PUT", 0x81: "NEWOBJ", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4",
    0x8E: "BINBYTES8", 0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET", 0x92: "NEWOBJ_EX", 0x96: "BYTEARRAY8",
    0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
  ]
}
