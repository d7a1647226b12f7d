import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Helper threads that sleep until there is work, and take pieces of it from a common counter.
///
/// Between two pieces of work of a step there are microseconds, to be woken takes tens of them: so a thread first looks a
/// while whether it must sleep at all, and leaves the processor to others at every glance.
///
/// `@unchecked Sendable`: `job`, `pieces` and `isDismissed` are read and written under `lock` alone, `round` and `busy` are
/// atomic and written under it, and `next` is atomic. The job's closure is not Sendable, but `run` returns only when no
/// helper is in it any more, so it never outlives its caller, and pieces by contract touch disjoint memory.
final class Crew: @unchecked Sendable {
  private let lock = ThreadLock()
  private let work = ThreadCondition()
  private let done = ThreadCondition()
  private let next = Atomic<Int>(0)

  private var job: ((Int, Int) -> Void)?
  private var pieces = 0
  private let round = Atomic<Int>(0)
  private let busy = Atomic<Int>(0)
  private var isDismissed = false
  private var threads: [pthread_t] = []

  /// Before a thread sleeps: some thirty microseconds where nobody else wants the processor.
  private static let glances = 100

  init(helpers: Int) {
    for helper in 1...helpers {
      let start = Unmanaged.passRetained(Start(crew: self, worker: helper))
      #if canImport(Darwin)
        var thread: pthread_t?
      #else
        var thread = pthread_t()
      #endif
      let status = pthread_create(&thread, nil, { Crew.enter($0) }, start.toOpaque())
      if status != 0 { Shortage.ofThreads(helper, of: helpers, error: status) }
      #if canImport(Darwin)
        threads.append(thread!)
      #else
        threads.append(thread)
      #endif
    }
  }

  /// Runs the pieces on all threads, the caller being worker 0, and returns when all are done.
  func run(pieces: Int, _ job: @escaping (Int, Int) -> Void) {
    lock.lock()
    require(isIdle, "a piece of work must not start work itself")
    self.job = job
    self.pieces = pieces
    next.store(0, ordering: .relaxed)
    busy.store(threads.count, ordering: .relaxed)
    round.wrappingAdd(1, ordering: .releasing)
    work.wakeAll()
    lock.unlock()
    takePieces(of: job, pieces, worker: 0)
    glance { isIdle }
    lock.lock()
    while !isIdle { done.wait(lock) }
    self.job = nil
    lock.unlock()
  }

  /// Ends the helper threads and waits until they are gone.
  func dismiss() {
    lock.lock()
    isDismissed = true
    work.wakeAll()
    lock.unlock()
    for thread in threads { pthread_join(thread, nil) }
  }

  private var isIdle: Bool { busy.load(ordering: .acquiring) == 0 }

  /// Looks a while whether something has come true.
  private func glance(_ hasComeTrue: () -> Bool) {
    for _ in 0..<Self.glances {
      if hasComeTrue() { return }
      sched_yield()
    }
  }

  private func takePieces(of job: (Int, Int) -> Void, _ pieces: Int, worker: Int) {
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return }
      job(piece, worker)
    }
  }

  private func help(worker: Int) {
    var seen = 0
    while let round = nextRound(after: seen) {
      seen = round
      takePieces(worker: worker)
      lock.lock()
      if busy.wrappingSubtract(1, ordering: .releasing).newValue == 0 { done.wakeAll() }
      lock.unlock()
    }
  }

  /// Waits for work that a helper has not seen; nil where there will be none.
  private func nextRound(after seen: Int) -> Int? {
    func isNew() -> Bool { round.load(ordering: .acquiring) != seen }
    glance(isNew)
    lock.lock()
    defer { lock.unlock() }
    while !isNew() && !isDismissed { work.wait(lock) }
    return isDismissed ? nil : round.load(ordering: .relaxed)
  }

  /// The job is the caller's of `run`, who may be gone when `busy` falls: it must not be held beyond this call.
  @inline(never)
  private func takePieces(worker: Int) {
    lock.lock()
    let (job, pieces) = (job, pieces)
    lock.unlock()
    if let job { takePieces(of: job, pieces, worker: worker) }
  }

  /// What a new thread is told.
  private final class Start {
    let crew: Crew
    let worker: Int

    init(crew: Crew, worker: Int) {
      self.crew = crew
      self.worker = worker
    }
  }

  private static func enter(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    start.crew.help(worker: start.worker)
    return nil
  }
}
