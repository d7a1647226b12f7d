import Lockstep

/// The sum of a buffer over all ranks of a job, without a trainer. Under mpirun each process is a rank; alone it is the only one.
enum OwnSum {
  static func run() throws {
    let group = try LaunchedGroup.join()
    var values = (0..<1000).map { Float($0 * (group.rank + 1)) }
    try values.withUnsafeMutableBufferPointer { buffer in
      try group.allReduce(buffer.baseAddress!, count: buffer.count, name: "numbers", step: 0)
    }
    let everyone = try group.allGather(Array("rank \(group.rank)".utf8), name: "greetings", step: 0)
    if group.rank == 0 {
      print("summed over \(group.size) ranks: \(values[1]), \(values[2]) … \(values[999])")
      print(everyone.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", "))
    }
    try group.leave()
  }
}
