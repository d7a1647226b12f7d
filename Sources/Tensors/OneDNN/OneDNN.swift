import COneDNN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One thread's access to oneDNN: its stream and what it has compiled so far, by shape.
///
/// oneDNN never gets threads of its own: ours work on panels, so that their number changes no bits.
final class OneDNN {
  /// Whether this processor multiplies bfloat16 in hardware.
  static let multipliesBrain16: Bool = {
    let set = dnnl_get_effective_cpu_isa()
    return set == dnnl_cpu_isa_avx512_core_bf16 || set == dnnl_cpu_isa_avx512_core_amx
  }()

  /// Whether it has kernels of its own for Float32 here: elsewhere it multiplies by plain loops.
  static let multipliesFloat32: Bool = {
    #if arch(x86_64)
      return dnnl_get_effective_cpu_isa().rawValue & dnnl_cpu_isa_avx2.rawValue == dnnl_cpu_isa_avx2.rawValue
    #else
      return false
    #endif
  }()

  /// result = a · b + beta · result of Float32 operands.
  static func product32(
    _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, beta: Float
  ) {
    func letter(_ operand: MatrixOperand) -> CChar { CChar(bitPattern: UInt8(ascii: operand.isTransposed ? "T" : "N")) }
    useOneThread()
    check(
      dnnl_sgemm(
        letter(a), letter(b), dnnl_dim_t(rows), dnnl_dim_t(columns), dnnl_dim_t(inner), 1,
        a.pointer.assumingMemoryBound(to: Float.self), dnnl_dim_t(a.stride),
        b.pointer.assumingMemoryBound(to: Float.self), dnnl_dim_t(b.stride), beta, result, dnnl_dim_t(stride)),
      "a product of \(rows) x \(inner) and \(inner) x \(columns)")
  }

  /// The version, and the instruction set that it uses.
  static var version: String {
    let version = dnnl_version().pointee
    let set = dnnl_get_effective_cpu_isa()
    let names: [(dnnl_cpu_isa_t, String)] = [
      (dnnl_cpu_isa_sse41, "sse41"), (dnnl_cpu_isa_avx, "avx"), (dnnl_cpu_isa_avx2, "avx2"),
      (dnnl_cpu_isa_avx512_core, "avx512_core"), (dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"),
      (dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"), (dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"),
    ]
    let name = names.first { $0.0 == set }?.1 ?? "instruction set \(set.rawValue)"
    return "\(version.major).\(version.minor).\(version.patch) (\(name))"
  }

  private typealias SetThreads = @convention(c) (CInt) -> Void

  /// OpenMP's setter, where oneDNN was built with OpenMP. Looked up by name, since other builds have none.
  private static let setThreads: SetThreads? = {
    guard let symbol = dlsym(nil, "omp_set_num_threads") else { return nil }
    return unsafeBitCast(symbol, to: SetThreads.self)
  }()

  let engine: dnnl_engine_t
  private let stream: dnnl_stream_t
  private var products: [ProductShape: Primitive] = [:]
  private var convolutions: [ConvolutionShape: Convolution] = [:]
  private var scratch = ScratchBytes()

  /// Batches of many lengths bring many shapes; beyond this many the compiled ones are dropped and made again.
  private static let mostPrimitives = 1024

  init() {
    var engine: dnnl_engine_t?
    Self.check(dnnl_engine_create(&engine, dnnl_cpu, 0), "a processor engine")
    var stream: dnnl_stream_t?
    Self.check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue), "a stream")
    guard let engine, let stream else { fatalError("oneDNN gave no engine") }
    self.engine = engine
    self.stream = stream
  }

  deinit {
    products.removeAll()
    convolutions.removeAll()
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
  }

  /// Everything that a compiled matrix product depends on.
  private struct ProductShape: Hashable {
    let rows: Int
    let columns: Int
    let inner: Int
    let leftStride: Int
    let leftIsTransposed: Bool
    let rightStride: Int
    let rightIsTransposed: Bool
    let stride: Int
    let accumulates: Bool
  }

  /// result (+)= a · b of bfloat16 operands, summed in Float32.
  func product(
    _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, accumulates: Bool
  ) {
    let shape = ProductShape(
      rows: rows, columns: columns, inner: inner, leftStride: a.stride, leftIsTransposed: a.isTransposed,
      rightStride: b.stride, rightIsTransposed: b.isTransposed, stride: stride, accumulates: accumulates)
    if products.count >= Self.mostPrimitives { products.removeAll() }
    let primitive = products[shape] ?? compile(shape)
    products[shape] = primitive
    run(
      primitive,
      [
        (DNNL_ARG_SRC, UnsafeMutableRawPointer(mutating: a.pointer)),
        (DNNL_ARG_WEIGHTS, UnsafeMutableRawPointer(mutating: b.pointer)),
        (DNNL_ARG_DST, UnsafeMutableRawPointer(result)),
      ])
  }

  private func compile(_ shape: ProductShape) -> Primitive {
    func matrix(_ rows: Int, _ columns: Int, _ type: dnnl_data_type_t, _ stride: Int, _ isTransposed: Bool)
      -> dnnl_memory_desc_t
    {
      Self.tensor([rows, columns], type, strides: isTransposed ? [1, stride] : [stride, 1])
    }
    var source = matrix(shape.rows, shape.inner, dnnl_bf16, shape.leftStride, shape.leftIsTransposed)
    var weights = matrix(shape.inner, shape.columns, dnnl_bf16, shape.rightStride, shape.rightIsTransposed)
    var result = matrix(shape.rows, shape.columns, dnnl_f32, shape.stride, false)
    var operation = dnnl_matmul_desc_t()
    Self.useOneThread()
    Self.check(dnnl_matmul_desc_init(&operation, &source, &weights, nil, &result), "a matrix product \(shape)")
    return Primitive(
      engine: engine, operation: &operation, arguments: [DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST],
      accumulates: shape.accumulates, name: "a matrix product \(shape)")
  }

  /// The convolution of a shape, compiled when it is first asked for.
  func convolution(_ shape: ConvolutionShape) -> Convolution {
    if convolutions.count >= Self.mostPrimitives { convolutions.removeAll() }
    if let compiled = convolutions[shape] { return compiled }
    let compiled = Convolution(shape, oneDNN: self)
    convolutions[shape] = compiled
    return compiled
  }

  /// Runs a primitive on memory laid out as it was compiled for.
  func run(_ primitive: Primitive, _ arguments: [(index: Int32, pointer: UnsafeMutableRawPointer)]) {
    Self.useOneThread()
    let scratch = scratch.bytes(primitive.scratchBytes)
    primitive.execute(stream: stream, arguments + [(DNNL_ARG_SCRATCHPAD, scratch)])
  }

  /// Of the calling thread alone.
  static func useOneThread() { setThreads?(1) }

  /// The description of a tensor with strides in elements.
  static func tensor(_ extents: [Int], _ type: dnnl_data_type_t, strides: [Int]) -> dnnl_memory_desc_t {
    var description = dnnl_memory_desc_t()
    check(
      dnnl_memory_desc_init_by_strides(
        &description, CInt(extents.count), extents.map { dnnl_dim_t($0) }, type, strides.map { dnnl_dim_t($0) }),
      "a tensor of \(extents) with strides \(strides)")
    return description
  }

  /// A refusal is a fault of the program, shapes having been checked before, or a want of memory.
  static func check(_ status: dnnl_status_t, _ what: @autoclosure () -> String) {
    if status == dnnl_out_of_memory { Shortage.ofMemory(1 << 20, for: "oneDNN's products") }
    require(status == dnnl_success, "oneDNN refuses \(what()): status \(status.rawValue)")
  }
}

/// Memory that grows to the largest size ever asked for.
struct ScratchBytes: ~Copyable {
  private var pointer = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
  private var capacity = 64

  /// At least so many bytes, with undefined contents, until the next call.
  mutating func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    if count > capacity {
      pointer.deallocate()
      pointer = .allocate(byteCount: count, alignment: 64)
      capacity = count
    }
    return pointer
  }

  deinit { pointer.deallocate() }
}
