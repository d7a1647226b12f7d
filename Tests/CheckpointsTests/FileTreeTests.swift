import Checkpoints
import Foundation
import Testing

@Suite struct FileTreeTests {
  @Test("what killed writers leave is removed, and nothing that only looks like it")
  func leftovers() throws {
    let folder = try TemporaryFolder()
    let own = [".model.safetensors.tmp-0123456789abcdef", ".a.tmp-ffffffffffffffff"]
    let others = [
      "model.safetensors.tmp-0123456789abcdef", ".tmp-0123456789abcdef", ".a.tmp-0123456789ABCDEF",
      ".a.tmp-0123456789abcde", ".a.tmp-0123456789abcdef0", "..tmp-0123456789abcdef",
    ]
    for name in own + others { try Data("x".utf8).write(to: URL(filePath: folder[name])) }
    try FileManager.default.createDirectory(
      atPath: folder[".folder.tmp-0123456789abcdef"], withIntermediateDirectories: false)
    try AtomicFile.removeLeftovers(in: folder[""])
    let left = try FileManager.default.contentsOfDirectory(atPath: folder[""]).sorted()
    #expect(left == (others + [".folder.tmp-0123456789abcdef"]).sorted())
    try AtomicFile.removeLeftovers(in: folder["nothing"])
  }

  @Test("a tree is counted and removed without following a link")
  func tree() throws {
    let folder = try TemporaryFolder()
    func write(_ count: Int, _ name: String) throws {
      let file = URL(filePath: folder[name])
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(repeating: 1, count: count).write(to: file)
    }
    try write(10, "tree/a")
    try write(20, "tree/below/b")
    try write(1000, "elsewhere/c")
    for name in ["tree/link", "link"] {
      try FileManager.default.createSymbolicLink(atPath: folder[name], withDestinationPath: folder["elsewhere"])
    }
    #expect(FileTree(folder["tree"]).bytes == 30)
    for name in ["tree", "link", "nothing"] { try FileTree(folder[name]).remove() }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder[""]) == ["elsewhere"])
    #expect(try Data(contentsOf: URL(filePath: folder["elsewhere/c"])).count == 1000)
  }
}
