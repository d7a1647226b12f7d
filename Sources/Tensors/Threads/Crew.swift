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
/// `@unchecked Sendable`: `job`, `pieces`, `round`, `busy` and `isDismissed` are read and written under `lock` alone, and
/// `next` is atomic. The job's closure is not Sendable, but `run` returns only when no helper is in it any more, so it never
/// outlives its caller, and pieces by contract touch disjoint memory.
final class Crew: @unchecked Sendable {
  private let lock = ThreadLock()
  private let work = ThreadCondition()
  private let done = ThreadCondition()
  private let next = Atomic<Int>(0)

  private var job: ((Int, Int) -> Void)?
  private var pieces = 0
  private var round = 0
  private var busy = 0
  private var isDismissed = false
  private var threads: [pthread_t] = []

  init(helpers: Int) {
    for helper in 1...helpers {
      let start = Unmanaged.passRetained(Start(crew: self, worker: helper))
      #if canImport(Darwin)
        var thread: pthread_t?
      #else
        var thread = pthread_t()
      #endif
      let status = pthread_create(&thread, nil, { Crew.enter($0) }, start.toOpaque())
      precondition(status == 0, "thread \(helper) of \(helpers) cannot be started: error \(status)")
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
    precondition(busy == 0, "a piece of work must not start work itself")
    self.job = job
    self.pieces = pieces
    next.store(0, ordering: .relaxed)
    busy = threads.count
    round += 1
    work.wakeAll()
    lock.unlock()
    takePieces(job, pieces, worker: 0)
    lock.lock()
    while busy > 0 { done.wait(lock) }
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

  private func takePieces(_ job: (Int, Int) -> Void, _ pieces: Int, worker: Int) {
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return }
      job(piece, worker)
    }
  }

  private func help(worker: Int) {
    var seen = 0
    lock.lock()
    while true {
      while round == seen && !isDismissed { work.wait(lock) }
      guard !isDismissed, let job else { break }
      seen = round
      let pieces = pieces
      lock.unlock()
      takePieces(job, pieces, worker: worker)
      lock.lock()
      busy -= 1
      if busy == 0 { done.wakeAll() }
    }
    lock.unlock()
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
