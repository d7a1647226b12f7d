import CAllocationMeter
import Foundation

/// Reads damaged inputs by the hundred thousand: no crash, no hang, no memory beyond the input's size times a small constant.
///
///     lockstep-fuzz ROOT [--inputs N] [--seed S] [--subject NAME]
///
/// One line a reader. Status 1 where a reader took too much memory or refused a sound input, 3 where it crashed or hung; what it
/// was reading is said then, and `--seed S --subject NAME` reads it again.
@main
struct Fuzz {
  /// Seconds that a hundred inputs may take.
  private static let patience: UInt32 = 20
  /// Bytes that any input may cost: what readers keep by themselves.
  private static let allowance = 256 << 10
  /// Inputs that one seed makes: a failure names the seed, and a few inputs are soon read again.
  private static let inputsPerSeed = 100

  static func main() throws {
    let options = Options(CommandLine.arguments)
    let scratch = FileManager.default.temporaryDirectory.appending(path: "lockstep-fuzz-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let subjects = try Subjects(root: options.root, scratch: scratch).all
    let note = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
    note.initialize(repeating: 0, count: 256)
    meter_report_crashes(note)
    checkMeter()
    let scale = Double(options.inputs) / Double(subjects.reduce(0) { $0 + $1.share })
    var isSound = true
    var total = 0
    for subject in subjects where options.subject.map({ $0 == subject.name }) ?? true {
      let rounds =
        options.subject == nil ? Int((Double(subject.share) * scale / Double(inputsPerSeed)).rounded(.up)) : 1
      let result = run(subject, rounds: rounds, firstSeed: options.seed, note: note)
      isSound = isSound && result
      total += rounds * inputsPerSeed
    }
    print("fuzz: \(total) inputs\(isSound ? "" : ", NOT SOUND")")
    if !isSound { exit(1) }
  }

  private static func run(
    _ subject: Subject, rounds: Int, firstSeed: UInt64, note: UnsafeMutablePointer<CChar>
  ) -> Bool {
    var (read, refused, longest, largest) = (0, 0, 0, 0)
    var problem = refusedSeed(subject)
    let started = ContinuousClock.now
    for seed in firstSeed..<firstSeed + UInt64(rounds) {
      var mutation = Mutation(seed: seed, of: subject.seeds, ownDamage: subject.damage)
      for (index, byte) in "--seed \(seed) --subject '\(subject.name)'\0".utf8.prefix(255).enumerated() {
        note[index] = CChar(bitPattern: byte)
      }
      alarm(patience)
      for _ in 0..<inputsPerSeed {
        let isStructured = subject.structure != nil && mutation.draw(2) == 0
        let bytes = (isStructured ? subject.structure.flatMap { mutation.next($0) } : nil) ?? mutation.next()
        longest = max(longest, bytes.count)
        meter_begin()
        do {
          try subject.read(bytes)
          read += 1
        } catch {
          refused += 1
          if "\(error)".contains("\n") { problem = "an error of several lines: \(error) (--seed \(seed))" }
        }
        largest = max(largest, Int(meter_peak()))
        if Int(meter_peak()) > allowance + subject.costPerByte * bytes.count {
          problem = "\(meter_peak()) bytes of memory for an input of \(bytes.count) (--seed \(seed))"
        }
      }
      alarm(0)
    }
    let seconds = String(format: "%.1f", (ContinuousClock.now - started) / .seconds(1))
    print(
      "\(subject.name): \(read) read, \(refused) refused, \(seconds) s, at most \(largest >> 10) KiB of memory for inputs of at"
        + " most \(longest >> 10) KiB")
    if let problem { print("\(subject.name): NOT SOUND: \(problem)") }
    return problem == nil
  }
}

extension Fuzz {
  /// Why a sound input is refused; damage to it would reach no further.
  private static func refusedSeed(_ subject: Subject) -> String? {
    for seed in subject.seeds {
      do { try subject.read(seed) } catch { return "a sound input is refused: \(error)" }
    }
    return nil
  }

  /// Traps unless the allocator of this program is the one that counts.
  private static func checkMeter() {
    meter_begin()
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
    bytes.storeBytes(of: 1, as: UInt8.self)
    let peak = meter_peak()
    bytes.deallocate()
    precondition(peak >= 1 << 20 && peak < 2 << 20, "1 MiB counts as \(peak) bytes")
  }
}

/// The words of the command line.
private struct Options {
  var root = "."
  var inputs = 50_000
  var seed: UInt64 = 1
  var subject: String?

  private static let usage = "lockstep-fuzz ROOT [--inputs N] [--seed S] [--subject NAME]"

  init(_ words: [String]) {
    var rest = words.dropFirst()[...]
    while let word = rest.popFirst() {
      switch word {
      case "--inputs": inputs = rest.popFirst().flatMap { Int($0) } ?? inputs
      case "--seed": seed = rest.popFirst().flatMap { UInt64($0) } ?? seed
      case "--subject": subject = rest.popFirst()
      case "-h", "--help":
        print("usage: \(Self.usage)")
        exit(0)
      default:
        guard !word.hasPrefix("-") else {
          FileHandle.standardError.write(Data("lockstep-fuzz: has no option \(word); usage: \(Self.usage)\n".utf8))
          exit(2)
        }
        root = word
      }
    }
  }
}
