import Support

/// A recipe whose bits depend on interruptions, or could not be run.
enum VerifyResumeError: ClassifiedError, CustomStringConvertible {
  case differs(schedules: Int, folder: String)
  case failed(piece: String, status: Int32, words: String)

  var exitClass: ExitClass {
    switch self {
    case .differs: .disagreement
    case .failed: .fault
    }
  }

  var description: String {
    switch self {
    case .differs(let count, let folder):
      "\(count == 1 ? "1 schedule" : "\(count) schedules") gave other bits; the runs are in \(folder), compare their ledgers"
    case .failed(let piece, let status, let words):
      "\(piece) ended with status \(status): \(words); mend that first"
    }
  }
}
