import Checkpoints
import Glibc

/// The bytes of a file of weights: mapped for what is looked up here and there, read in order for what is many.
final class WeightBytes: Sendable {
  /// Bytes that are converted at once, so that they stay in the processor's cache.
  static let chunk = 1 << 20

  let path: String
  private let mapping: MappedFile

  /// - Throws: `ModelError` where the file cannot be read, or is something else that is often found under such a name.
  init(_ path: String) throws(ModelError) {
    self.path = path
    do { mapping = try MappedFile(path) } catch {
      throw ModelError(
        file: path, problem: "cannot be read (\(String(cString: strerror(error.code))))",
        remedy: "check that it is a regular file, and readable")
    }
    try refuseForeign()
    mapping.expectSequentialReads()
  }

  /// All bytes; valid as long as this object, which `reading` keeps.
  var bytes: UnsafeRawBufferPointer { mapping.bytes }

  /// Opens the file at `path` for a reader of its bytes; their pages are given back afterwards.
  static func reading<Result>(_ path: String, _ read: (WeightBytes) throws -> Result) throws -> Result {
    let file = try WeightBytes(path)
    return try withExtendedLifetime(file) {
      defer { file.mapping.release(file.bytes.indices) }
      return try read(file)
    }
  }

  func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(ModelError) {
    do { try mapping.read(at: offset, into: destination) } catch {
      throw ModelError(
        file: path, problem: "cannot be read to its end (\(String(cString: strerror(error.code))))",
        remedy: "check the disk, and that nothing writes the file")
    }
  }

  /// Gives the pages of these bytes back.
  func release(_ range: Range<Int>) { mapping.release(range) }

  /// What is often found in place of weights.
  private func refuseForeign() throws(ModelError) {
    func starts(with text: String, at offset: Int = 0) -> Bool {
      bytes.count >= offset + text.utf8.count && bytes[offset...].prefix(text.utf8.count).elementsEqual(text.utf8)
    }
    let problem: (String, String)? =
      if bytes.isEmpty {
        ("is empty", "download the file again")
      } else if starts(with: "version https://git-lfs.github.com/spec") {
        (
          "is a Git LFS pointer, not the weights",
          "fetch them with git lfs pull in this folder, or download the file from the model's page"
        )
      } else if starts(with: "<") {
        ("is a web page, not weights", "download the file itself, from the link that the page gives")
      } else if starts(with: "ustar", at: 257) {
        (
          "is a tar archive, as PyTorch wrote before 2017",
          "load it with PyTorch and save its state_dict() again"
        )
      } else {
        nil
      }
    if let (problem, remedy) = problem { throw ModelError(file: path, problem: problem, remedy: remedy) }
  }
}
