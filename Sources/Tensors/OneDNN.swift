import COneDNN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One thread's access to oneDNN: its stream and the primitives it has compiled so far, by shape.
///
/// oneDNN never gets threads of its own: ours work on panels, so that their number changes no bits.
final class OneDNN {
  /// Whether this processor multiplies bfloat16 in hardware.
  static let multipliesBrain16: Bool = {
    let set = dnnl_get_effective_cpu_isa()
    return set == dnnl_cpu_isa_avx512_core_bf16 || set == dnnl_cpu_isa_avx512_core_amx
  }()

  private typealias SetThreads = @convention(c) (CInt) -> Void

  /// OpenMP's setter, where oneDNN was built with OpenMP. Looked up by name, since other builds have none.
  private static let setThreads: SetThreads? = {
    guard let symbol = dlsym(nil, "omp_set_num_threads") else { return nil }
    return unsafeBitCast(symbol, to: SetThreads.self)
  }()

  let engine: dnnl_engine_t
  private let stream: dnnl_stream_t
  private var products: [ProductShape: Primitive] = [:]
  private var scratch = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 64)
  private var scratchBytes = 1

  /// Batches of many lengths bring many shapes; beyond this many the compiled ones are dropped and made again.
  private static let mostPrimitives = 1024

  init() {
    var engine: dnnl_engine_t?
    Self.check(dnnl_engine_create(&engine, dnnl_cpu, 0), "a processor engine")
    var stream: dnnl_stream_t?
    Self.check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue), "a stream")
    guard let engine, let stream else { preconditionFailure("oneDNN gave no engine") }
    self.engine = engine
    self.stream = stream
  }

  deinit {
    products.removeAll()
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
    scratch.deallocate()
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
    Self.setThreads?(1)
    var source = Self.matrix(
      shape.rows, shape.inner, dnnl_bf16, stride: shape.leftStride, transposed: shape.leftIsTransposed)
    var weights = Self.matrix(
      shape.inner, shape.columns, dnnl_bf16, stride: shape.rightStride, transposed: shape.rightIsTransposed)
    var result = Self.matrix(shape.rows, shape.columns, dnnl_f32, stride: shape.stride, transposed: false)
    var description = dnnl_matmul_desc_t()
    Self.check(dnnl_matmul_desc_init(&description, &source, &weights, nil, &result), "a matrix product \(shape)")
    return Primitive(
      engine: engine, description: &description,
      memories: [
        DNNL_ARG_SRC: source, DNNL_ARG_WEIGHTS: weights, DNNL_ARG_DST: result,
      ], accumulates: shape.accumulates, name: "a matrix product \(shape)")
  }

  /// Runs a primitive on memory of the shapes it was compiled for.
  func run(_ primitive: Primitive, _ arguments: [(index: Int32, pointer: UnsafeMutableRawPointer)]) {
    Self.setThreads?(1)
    if primitive.scratchBytes > scratchBytes {
      scratch.deallocate()
      scratch = .allocate(byteCount: primitive.scratchBytes, alignment: 64)
      scratchBytes = primitive.scratchBytes
    }
    primitive.execute(stream: stream, arguments + [(DNNL_ARG_SCRATCHPAD, scratch)])
  }

  /// The description of a matrix with a stride.
  private static func matrix(
    _ rows: Int, _ columns: Int, _ type: dnnl_data_type_t, stride: Int, transposed: Bool
  ) -> dnnl_memory_desc_t {
    tensor([rows, columns], type, strides: transposed ? [1, stride] : [stride, 1])
  }

  /// The description of a tensor with strides in elements.
  static func tensor(_ extents: [Int], _ type: dnnl_data_type_t, strides: [Int]) -> dnnl_memory_desc_t {
    var description = dnnl_memory_desc_t()
    let extents = extents.map { dnnl_dim_t($0) }
    let strides = strides.map { dnnl_dim_t($0) }
    check(
      dnnl_memory_desc_init_by_strides(&description, CInt(extents.count), extents, type, strides),
      "a tensor of \(extents) with strides \(strides)")
    return description
  }

  /// A refusal is a fault of the program: shapes have been checked before.
  static func check(_ status: dnnl_status_t, _ what: @autoclosure () -> String) {
    precondition(status == dnnl_success, "oneDNN refuses \(what()): status \(status.rawValue)")
  }
}
