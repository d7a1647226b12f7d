import Checkpoints
import Foundation

/// Writes the digests of a checkpoint that was changed anew, as somebody may who knows the format.
enum Seal {
  static func anew(_ checkpoint: String, in folder: TemporaryFolder) throws {
    let manifest = "\(checkpoint)/manifest.json"
    let text = try folder.read(manifest)
    var lines = Array(text.components(separatedBy: ",\n").dropLast())
    let state = "\(folder.path)/\(checkpoint)/state.json"
    let size = try FileManager.default.attributesOfItem(atPath: state)[.size] as? Int ?? 0
    let digest = try sha256(ofFile: state)
    for (index, line) in lines.enumerated() where line.contains("\"name\":\"state.json\"") {
      lines[index] = line.replacing(/"bytes":\d+/, with: "\"bytes\":\(size)")
        .replacing(/"sha256":"[0-9a-f]+"/, with: "\"sha256\":\"\(digest)\"")
    }
    try folder.write(CheckpointManifest.sealed(Array(lines.joined(separator: ",\n").utf8)), to: manifest)
  }
}
