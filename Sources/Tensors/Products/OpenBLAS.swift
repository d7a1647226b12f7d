#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The library that multiplies small matrices.
///
/// It is loaded rather than linked: what it reads of the environment when it is loaded decides its kernels and its threads. It
/// gets one thread, since ours work on panels, and threads of its own would give other bits; and where it takes kernels below
/// what the processor offers, it is loaded again with better ones.
struct OpenBLAS: Sendable {
  /// Why it cannot be loaded, in the words of the system.
  struct Absence: Error {
    let words: String
  }

  /// Who chose the kernels.
  enum Chooser: String, Sendable {
    /// The library itself.
    case library
    /// This program, since the library had taken worse ones.
    case program
    /// The user, by `OPENBLAS_CORETYPE`.
    case user
  }

  typealias Product =
    @convention(c) (
      CInt, CInt, CInt, CInt, CInt, CInt, Float, UnsafePointer<Float>, CInt, UnsafePointer<Float>, CInt, Float,
      UnsafeMutablePointer<Float>, CInt
    ) -> Void
  private typealias Text = @convention(c) () -> UnsafePointer<CChar>?
  private typealias TakeRoom = @convention(c) (CInt) -> UnsafeMutableRawPointer?
  private typealias GiveRoom = @convention(c) (UnsafeMutableRawPointer) -> Void

  /// CBLAS's names of its numbers.
  static let rowMajor: CInt = 101
  static let plain: CInt = 111
  static let transposed: CInt = 112

  /// The library of this process, loaded when it is first asked for.
  static let loaded = Result { () throws(Absence) in try OpenBLAS() }

  /// `cblas_sgemm`.
  let multiply: Product
  /// The kernels that are used, such as `SkylakeX`.
  let kernel: String
  /// Version and build options.
  let configuration: String
  let chooser: Chooser

  private let takeRoom: TakeRoom?
  private let giveRoom: GiveRoom?

  /// Loads the library.
  /// - Parameter firstChoice: the kernels that it takes at first in place of those of its own choice; for tests.
  init(firstChoice: String? = nil) throws(Absence) {
    let isUsersChoice = Self.variable(Self.coreType) != nil
    var handle = try Self.open(coreType: firstChoice)
    var chooser = isUsersChoice ? Chooser.user : .library
    let processor = ProcessorIdentity.here
    if !isUsersChoice, let kernel: Text = Self.symbol("openblas_get_corename", of: handle),
      let better = KernelChoice.better(
        than: Self.text(kernel), vendor: processor.vendor, features: processor.features)
    {
      dlclose(handle)
      handle = try Self.open(coreType: better)
      if Self.symbol("openblas_get_corename", of: handle).map(Self.text)?.lowercased() == better.lowercased() {
        chooser = .program
      }
    }
    try self.init(handle: handle, chooser: chooser)
  }

  private init(handle: UnsafeMutableRawPointer, chooser: Chooser) throws(Absence) {
    guard let multiply: Product = Self.symbol("cblas_sgemm", of: handle),
      let kernel: Text = Self.symbol("openblas_get_corename", of: handle),
      let configuration: Text = Self.symbol("openblas_get_config", of: handle)
    else { throw Absence(words: "\(Self.names[0]) is not OpenBLAS") }
    self.multiply = multiply
    self.kernel = Self.text(kernel)
    self.configuration = Self.text(configuration)
    self.chooser = chooser
    guard !self.configuration.contains("USE64BITINT") else {
      throw Absence(words: "\(Self.names[0]) counts in 64 bits; install the build that counts in 32")
    }
    takeRoom = Self.symbol("blas_memory_alloc", of: handle)
    giveRoom = Self.symbol("blas_memory_free", of: handle)
  }
}

// MARK: Loading

extension OpenBLAS {
  #if canImport(Darwin)
    static let names = ["libopenblas.0.dylib", "libopenblas.dylib"]
  #else
    static let names = ["libopenblas.so.0", "libopenblas.so"]
  #endif

  static let coreType = "OPENBLAS_CORETYPE"

  /// Opens the library with one thread and certain kernels; nil for its own choice, or the user's.
  private static func open(coreType: String?) throws(Absence) -> UnsafeMutableRawPointer {
    let handle = with("OPENBLAS_NUM_THREADS", "1") {
      with(Self.coreType, coreType) { firstLibrary() }
    }
    guard let handle else {
      _ = dlopen(names[0], RTLD_NOW | RTLD_LOCAL)
      throw Absence(words: dlerror().map { String(cString: $0) } ?? "\(names[0]) cannot be loaded")
    }
    return handle
  }

  /// Opens it once, so that it can be closed again.
  private static func firstLibrary() -> UnsafeMutableRawPointer? {
    for name in names {
      if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) { return handle }
    }
    return nil
  }

  /// Runs `body` with another value of a variable; nil leaves it as it is. Programs that are started later do not see it.
  private static func with<Value>(_ name: String, _ value: String?, _ body: () -> Value) -> Value {
    guard let value else { return body() }
    let old = variable(name)
    setenv(name, value, 1)
    defer { if let old { setenv(name, old, 1) } else { unsetenv(name) } }
    return body()
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func symbol<Function>(_ name: String, of handle: UnsafeMutableRawPointer) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: Function.self) }
  }

  private static func text(_ function: Text) -> String { function().map { String(cString: $0) } ?? "" }
}

// MARK: Memory

extension OpenBLAS {
  /// What a product takes of the address space for copies of its operands, on all processors; little of it is ever touched.
  static let room = 128 << 20
  private static let mostThreads = 64

  /// What is left for everything else: a start's tables and weights take at least as much.
  private static let spare = 64 << 20

  /// Has the library take the memory for products on several threads at once. Where the system has none to give, it would ask
  /// again for ever (OpenMathLib/OpenBLAS#5289), so it is asked only for what there is.
  /// - Returns: how many threads there is room for, `threads` at most.
  func makeRoom(threads: Int) -> Int {
    let wanted = min(threads, Self.mostThreads)
    guard let spare = Self.take(Self.spare) else { return 0 }
    var trials: [UnsafeMutableRawPointer] = []
    while trials.count < wanted, let trial = Self.take(Self.room) { trials.append(trial) }
    for trial in trials { munmap(trial, Self.room) }
    munmap(spare, Self.spare)
    if let takeRoom, let giveRoom {
      let rooms = trials.map { _ in takeRoom(0) }
      for room in rooms { if let room { giveRoom(room) } }
    }
    return trials.count == wanted ? threads : trials.count
  }

  private static func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return memory == MAP_FAILED ? nil : memory
  }
}
