import CSystem

/// The launcher's own process manager, when there is one.
enum ProcessManager {
  /// A call to it that failed, with its own words.
  struct Failure: Error {
    let call: String
    let status: Int32
    var words: String { "\(call): \(String(cString: lockstep_pmix_words(status)))" }
    /// PMIX_ERR_TIMEOUT.
    var isTimeout: Bool { status == -24 }
  }

  private static func check(_ call: String, _ status: Int32) throws(Failure) {
    if status != 0 { throw Failure(call: call, status: status) }
  }

  /// Joins the job; returns this process's rank, or nil when no launcher with a process manager started it.
  static func join() -> Int? {
    var rank: UInt32 = 0
    return lockstep_pmix_join(&rank) == 0 ? Int(rank) : nil
  }

  static func jobNumber(_ key: String) throws(Failure) -> Int {
    var number: UInt32 = 0
    try check("PMIx_Get(\(key))", lockstep_pmix_job_number(key, &number))
    return Int(number)
  }

  static func number(_ key: String, of rank: Int) throws(Failure) -> Int {
    var number: UInt32 = 0
    try check("PMIx_Get(\(key))", lockstep_pmix_rank_number(UInt32(rank), key, &number))
    return Int(number)
  }

  static func publish(_ bytes: [UInt8], as key: String) throws(Failure) {
    try check("PMIx_Put", lockstep_pmix_publish(key, bytes, bytes.count))
  }

  static func exchange(seconds: Int) throws(Failure) {
    try check("PMIx_Fence", lockstep_pmix_exchange(Int32(seconds)))
  }

  static func fetch(_ key: String, of rank: Int, atMost limit: Int) throws(Failure) -> [UInt8] {
    var count = limit
    var bytes = [UInt8](repeating: 0, count: limit)
    try check("PMIx_Get(\(key))", lockstep_pmix_fetch(UInt32(rank), key, &bytes, &count))
    return Array(bytes[..<count])
  }

  /// Whether a rank has published something, as far as the process manager finds out in time.
  static func has(_ key: String, of rank: Int, seconds: Int) -> Bool {
    lockstep_pmix_has(UInt32(rank), key, Int32(seconds)) == 0
  }

  static func leave() { _ = lockstep_pmix_leave() }
}
