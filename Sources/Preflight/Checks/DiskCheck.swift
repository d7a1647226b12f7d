/// Whether checkpoints find room on a disk that lasts.
struct DiskCheck: Check {
  private static let little = 1 << 30

  func findings(in evidence: Evidence) -> [Finding] {
    evidence.answered.map { host, facts in
      let (name, disk) = (host.host.name, facts.disk)
      let found = "\(Amount.bytes(disk.free)) free under \(disk.folder)"
      let figures = ["free_bytes": Double(disk.free)]
      if !disk.isWritable {
        return Finding(
          .error, "disk", host: name, "\(disk.folder) cannot be written to", advice: "give another --output",
          figures: figures)
      }
      if disk.isInMemory {
        return Finding(
          .warning, "disk", host: name, "\(found), in memory: checkpoints are gone with the machine",
          advice: "give an --output on a disk", figures: figures)
      }
      if disk.free < Self.little {
        return Finding(
          .warning, "disk", host: name, found, advice: "make room: a checkpoint takes three times the weights and more",
          figures: figures)
      }
      return Finding(.ok, "disk", host: name, found, figures: figures)
    }
  }
}
