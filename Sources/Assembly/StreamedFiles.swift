import Collectives
import Foundation
import Recipes
import Runs

/// The files of a recipe that rank 0 reads and hands to all other ranks, which need none of them (`data.streamed`).
///
/// A rank keeps them, byte for byte, in a folder of its own among its temporary files until this object goes: until its rows and its
/// model are in memory. So all ranks have the rows that rank 0 has, and with them the same bits.
public final class StreamedFiles {
  private static let piece = 4 << 20
  private static let longestPlace = 1024

  private let own: Recipe
  private let outcome: Result<String, any Error>?

  /// Streams, all ranks together. What this rank cannot write is said by `recipe()`, when the ranks are ready to hear it.
  /// - Throws: `GroupError`.
  public init(_ recipe: Recipe, over group: any Group) throws {
    own = recipe
    let source = group.rank == 0 ? Source(recipe) : nil
    let places = try group.allGather(Array((source?.text ?? "").utf8), name: "streamed files", step: 0)[0]
    let target = group.rank == 0 ? nil : Target()
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 64)
    defer { room.deallocate() }
    for line in String(decoding: places, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      guard words.count == 2, let bytes = Int(words[0]), bytes >= 0 else { continue }
      let place = String(words[1])
      target?.begin(place)
      for offset in stride(from: 0, to: bytes, by: Self.piece) {
        let piece = UnsafeMutableRawBufferPointer(rebasing: room.prefix(bytes - offset))
        source?.read(place, at: offset, into: piece)
        try group.broadcast(piece, root: 0, name: "streamed \(place)", step: 0)
        target?.append(UnsafeRawBufferPointer(piece))
      }
    }
    target?.end()
    outcome = target?.outcome
  }

  deinit {
    if case .success(let folder) = outcome { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// The recipe as this rank follows it: on rank 0 as it is, on the others with the paths of what has come.
  /// - Throws: where this rank could not write.
  public func recipe() throws -> Recipe {
    guard let folder = try outcome?.get() else { return own }
    return RecipeFiles.moved(own, to: folder)
  }

  /// Rank 0's side.
  private final class Source {
    private let files: [RecipeFiles.File]
    private var sizes: [String: Int] = [:]
    private var open: (place: String, handle: FileHandle)?

    init(_ recipe: Recipe) {
      files = RecipeFiles(of: recipe).files
      for file in files {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        sizes[file.place] = (attributes?[.size] as? NSNumber)?.intValue
      }
    }

    /// Size and place of each file, a line each.
    var text: String { files.map { "\(sizes[$0.place] ?? 0) \($0.place)\n" }.joined() }

    /// Reads a piece; what cannot be read is zero, and rank 0 itself will say so when it reads the file.
    func read(_ place: String, at offset: Int, into piece: UnsafeMutableRawBufferPointer) {
      if open?.place != place, let path = files.first(where: { $0.place == place })?.path {
        open = FileHandle(forReadingAtPath: path).map { (place, $0) }
      }
      try? open?.handle.seek(toOffset: UInt64(offset))
      let data = (try? open?.handle.read(upToCount: piece.count)) ?? Data()
      piece.initializeMemory(as: UInt8.self, repeating: 0)
      piece.copyBytes(from: data)
    }
  }

  /// Another rank's side: writes until something fails, and then lets the rest pass by.
  private final class Target {
    private(set) var outcome: Result<String, any Error>
    private var open: FileHandle?

    init() {
      let base = FileManager.default.temporaryDirectory.appending(path: "lockstep-streamed-\(UUID().uuidString)").path
      outcome = Result {
        try FileManager.default.createDirectory(
          atPath: base, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return base
      }
    }

    func begin(_ place: String) {
      attempt { folder in
        let parts = place.split(separator: "/", omittingEmptySubsequences: false)
        guard 2...3 ~= parts.count, !parts.contains(".."), !parts.contains(""), place.utf8.count <= longestPlace else {
          throw RunDirectoryError(
            path: place, problem: "is not a name that rank 0 gives to a file; start the same program on every host")
        }
        let parent = "\(folder)/\(parts.dropLast().joined(separator: "/"))"
        try? FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        let path = "\(folder)/\(place)"
        guard FileManager.default.createFile(atPath: path, contents: nil),
          let handle = FileHandle(forWritingAtPath: path)
        else { throw RunDirectoryError(path: path, problem: "cannot be written; set TMPDIR to a folder that can") }
        try open?.close()
        open = handle
      }
    }

    func append(_ bytes: UnsafeRawBufferPointer) { attempt { _ in try open?.write(contentsOf: bytes) } }

    func end() { attempt { _ in try open?.close() } }

    private func attempt(_ body: (String) throws -> Void) {
      outcome = outcome.flatMap { folder in
        Result {
          do {
            try body(folder)
          } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
          }
          return folder
        }
      }
    }
  }
}
