import Glibc

/// The whole content of a gzipped table.
package enum GzipContent {
  /// The most bytes that a gzipped table may hold: 4 GiB, or a quarter of this machine's memory.
  package static let largest: Int = {
    let memory = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
    return memory.overflow || memory.partialValue <= 0 ? 4 << 30 : min(4 << 30, memory.partialValue / 4)
  }()

  /// The bytes that are taken at once.
  private static let piece = 1 << 20

  /// - Parameter limit: the most bytes that are taken.
  /// - Throws: `TableError` where the data is damaged, or holds more.
  package static func unpacked(
    _ compressed: [UInt8], file: String, atMost limit: Int = largest
  ) throws(TableError) -> [UInt8] {
    let reader = GzipReader(compressed)
    var content: [UInt8] = []
    while true {
      let next: [UInt8]
      do throws(GzipReader.Failure) { next = try reader.read(min(piece, limit - content.count + 1)) } catch {
        throw TableError(
          file: file, problem: "damaged gzip data (\(error.reason))", remedy: "download or write the file again")
      }
      content += next
      guard content.count <= limit else {
        let size = limit >= 1 << 20 ? "\(limit >> 20) MiB" : "\(limit) bytes"
        throw TableError(
          file: file, problem: "holds more than \(size), the most that is unpacked in memory here",
          remedy: "unpack the file, and give what it holds")
      }
      if next.isEmpty { return content }
    }
  }
}
