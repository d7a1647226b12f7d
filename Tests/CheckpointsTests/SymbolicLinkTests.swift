import Foundation
import Testing

import Checkpoints

/// A folder with something precious in it, and a run's folder next to it in which links are planted.
private final class PlantedLinks {
  let base = NSTemporaryDirectory() + "/links-\(UUID().uuidString)"
  var run: String { base + "/run" }
  var precious: String { base + "/precious" }

  init() throws {
    for folder in [run + "/checkpoints", precious] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try Data("thesis".utf8).write(to: URL(filePath: precious + "/thesis.tex"))
  }

  deinit { try? FileManager.default.removeItem(atPath: base) }

  func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
  }

  var isUnharmed: Bool {
    (try? String(contentsOfFile: precious + "/thesis.tex", encoding: .utf8)) == "thesis"
      && (try? FileManager.default.contentsOfDirectory(atPath: precious)) == ["thesis.tex"]
  }

  var store: CheckpointStore {
    CheckpointStore(directory: run + "/checkpoints", storage: PosixStorage(below: run))
  }
}

@Suite("A symbolic link in a run's folder")
struct SymbolicLinkTests {
  @Test("among what a dead run left is removed, and what it leads to is not", arguments: [".tmp-x", ".trash-x"])
  func leftovers(name: String) throws {
    let links = try PlantedLinks()
    try links.link("\(links.run)/checkpoints/\(name)", to: links.precious)
    try links.store.removeLeftovers()
    #expect(try FileManager.default.contentsOfDirectory(atPath: links.run + "/checkpoints").isEmpty)
    #expect(links.isUnharmed)
  }

  @Test("inside a folder that is removed is removed, and what it leads to is not")
  func nested() throws {
    let links = try PlantedLinks()
    let left = links.run + "/checkpoints/.tmp-y"
    try FileManager.default.createDirectory(atPath: left + "/deeper", withIntermediateDirectories: true)
    try links.link(left + "/link", to: links.precious)
    try links.link(left + "/deeper/link", to: links.precious)
    try links.store.removeLeftovers()
    #expect(try FileManager.default.contentsOfDirectory(atPath: links.run + "/checkpoints").isEmpty)
    #expect(links.isUnharmed)
  }

  @Test("in the place of a checkpoint is not read, and retention leaves what it leads to")
  func checkpoint() throws {
    let links = try PlantedLinks()
    let other = CheckpointStore(directory: links.base + "/other")
    let saved = try other.save(step: 3, [], state: Array("{}".utf8))
    let files = try FileManager.default.contentsOfDirectory(atPath: saved.path).sorted()
    try links.link(links.run + "/checkpoints/step-00000003", to: saved.path)
    _ = try links.store.save(step: 7, [], state: Array("{}".utf8))
    #expect(try links.store.validCheckpoints(.sizes).checkpoints.map(\.step) == [7])
    try links.store.retain(RetentionPolicy(last: 1, best: false))
    #expect(try FileManager.default.contentsOfDirectory(atPath: saved.path).sorted() == files)
  }

  @Test(
    "in the place of the checkpoints' folder is refused by name and with the remedy, and nothing is written through it")
  func folder() throws {
    let links = try PlantedLinks()
    try FileManager.default.removeItem(atPath: links.run + "/checkpoints")
    try links.link(links.run + "/checkpoints", to: links.precious)
    let error = #expect(throws: StorageError.self) {
      _ = try links.store.save(step: 7, [], state: Array("{}".utf8))
    }
    #expect(error?.description.contains("remove the symbolic link") == true, "\(String(describing: error))")
    #expect(links.isUnharmed)
  }

  @Test("that is the run's folder itself is followed, because its user chose it")
  func chosen() throws {
    let links = try PlantedLinks()
    try links.link(links.base + "/chosen", to: links.run)
    let chosen = links.base + "/chosen"
    let store = CheckpointStore(directory: chosen + "/checkpoints", storage: PosixStorage(below: chosen + "/"))
    #expect(try store.save(step: 7, [], state: Array("{}".utf8)).step == 7)
  }
}
