import Bootstrap
import Checkpoints
import Collectives
import Data
import Diagnostics
import Foundation
import Launching
import Models
import Recipes
import Runs
import Support
import Tasks
import Techniques
import Text
import Transport

/// All readers.
struct Subjects {
  let all: [Subject]

  /// - Parameters:
  ///   - root: the folder of the project, whose recipes and data are the seeds.
  ///   - scratch: a folder for the files of readers that take a path.
  init(root: String, scratch: String) throws {
    let inputs = Inputs(root: root)
    let files = Scratch(folder: scratch)
    all =
      try Self.formats(inputs, files) + Self.tables(inputs, files) + Self.models(inputs, files)
      + Self.tokenizers(inputs, files) + Self.protocols()
      + Self.launching(inputs) + WeightSubjects(inputs, scratch: scratch).all + Self.runs(inputs, files)
  }

  private static func formats(_ inputs: Inputs, _ files: Scratch) throws -> [Subject] {
    [
      Subject(name: "recipe", share: 40_000, seeds: try inputs.recipes(), costPerByte: 2048) { bytes in
        _ = try Recipe(RecipeDocument(yaml: String(decoding: bytes, as: UTF8.self), source: "recipe"))
      },
      Subject(
        name: "recipe parts", share: 40_000, seeds: inputs.recipesInJSON, costPerByte: 2048, structure: .json
      ) { bytes in
        _ = try Recipe(RecipeDocument(yaml: String(decoding: bytes, as: UTF8.self), source: "recipe"))
      },
      Subject(name: "override", share: 30_000, seeds: inputs.overrides, costPerByte: 2048) { bytes in
        var document = try RecipeDocument(yaml: inputs.smallRecipe, source: "recipe")
        try document.set(String(decoding: bytes, as: UTF8.self))
        _ = try Recipe(document)
      },
      Subject(name: "json", share: 75_000, seeds: inputs.json + [inputs.manifest + Array("}".utf8)]) { bytes in
        _ = try JSONParser.parse(bytes)
      },
      Subject(name: "safetensors", share: 160_000, seeds: try inputs.safetensors(), structure: .safetensors) { bytes in
        try bytes.withUnsafeBytes { _ = try SafetensorsHeader(of: $0, file: "file") }
      },
      Subject(name: "manifest", share: 100_000, seeds: [inputs.manifest]) { bytes in
        _ = try CheckpointManifest(CheckpointManifest.sealed(bytes), checkpoint: "checkpoint")
      },
      Subject(
        name: "manifest parts", share: 40_000, seeds: [inputs.manifest + Array("}".utf8)], structure: .json
      ) { bytes in
        // The brace at the end is the seal's.
        _ = try CheckpointManifest(CheckpointManifest.sealed(bytes.dropLast()), checkpoint: "checkpoint")
      },
      Subject(name: "unsealed manifest", share: 40_000, seeds: [CheckpointManifest.sealed(inputs.manifest)]) { bytes in
        _ = try CheckpointManifest(bytes, checkpoint: "checkpoint")
      },
      Subject(name: "file records", share: 50_000, seeds: [inputs.records]) { bytes in
        _ = try FileRecord.decode(bytes, from: "rank 1")
      },
      Subject(name: "trace", share: 10_000, seeds: [inputs.trace], costPerByte: 1024) { bytes in
        _ = files.write(bytes, "trace.json")
        _ = try TraceSummary(of: RunDirectory(path: files.folder)).description
      },
    ]
  }

  private static func tables(_ inputs: Inputs, _ files: Scratch) throws -> [Subject] {
    let pair = ColumnMapping(text: "sentence1", pair: "sentence2")
    let tokenizer = try Tokenizers.read(file: inputs.path("launch/data/vocabulary/bert-base-uncased.txt"))
    let tsv = try inputs.lines("launch/data/sst2/train.tsv", 12)
    let labels = files.write([0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 0], "labels")
    func table(
      _ name: String, _ columns: ColumnMapping, _ encoding: TextEncoding = .utf8
    ) -> ([UInt8]) throws -> Void {
      return { bytes in
        let options = TableOptions(encoding: encoding)
        let table = try Table(file: files.write(bytes, name), columns: columns, options: options)
        if columns.label != nil { _ = try LabelScheme(of: table, labels: nil).classes(of: table) }
      }
    }
    func images(_ bytes: [UInt8]) throws {
      _ = try ImageDataset(images: files.write(bytes, "images"), labels: labels, source: .inferred(labels: 2))
    }
    return [
      Subject(name: "tsv", share: 40_000, seeds: [tsv], read: table("t.tsv", ColumnMapping(text: "sentence"))),
      Subject(name: "csv", share: 40_000, seeds: [inputs.csv], read: table("t.csv", pair)),
      Subject(name: "quoted tsv", share: 20_000, seeds: [inputs.quotedTSV], read: table("t.tsv", pair)),
      Subject(name: "gbk", share: 10_000, seeds: [inputs.csv], read: table("t.csv", pair, .gbk)),
      Subject(name: "utf-16", share: 10_000, seeds: [inputs.wideCSV], read: table("t.csv", pair)),
      Subject(name: "json array", share: 20_000, seeds: [inputs.jsonArray], read: table("t.json", pair)),
      Subject(
        name: "json lines", share: 40_000, seeds: [try inputs.lines("launch/data/afqmc/train.json", 8)],
        read: table("t.jsonl", pair)),
      Subject(name: "tokens", share: 60_000, seeds: [tsv, try inputs.lines("launch/data/afqmc/dev.json", 8)]) { bytes in
        _ = tokenizer.encode(String(decoding: bytes, as: UTF8.self), pair: "b", maximumLength: 128)
      },
      Subject(name: "images", share: 40_000, seeds: [inputs.images], read: images),
      // Deflate packs up to 1032 bytes into one.
      Subject(name: "packed images", share: 20_000, seeds: [inputs.packedImages], costPerByte: 4096, read: images),
      Subject(
        name: "predictions", share: 20_000, seeds: inputs.predictions, costPerByte: 1024, structure: .lines
      ) { bytes in
        _ = try Predictions(contentsOfFile: files.write(bytes, "predictions.jsonl"))
      },
    ] + words(inputs, files, tokenizer)
  }

  /// Sentences and spans, as far as the targets of their words.
  private static func words(_ inputs: Inputs, _ files: Scratch, _ tokenizer: any Tokenizer) -> [Subject] {
    func read(_ bytes: [UInt8]) throws {
      var settings = TokenDataset.Settings(tokenizer: tokenizer, maximumLength: 32)
      (settings.layout, settings.cacheFolder) = (.words, nil)
      let file = files.write(bytes, bytes.first == UInt8(ascii: "{") ? "t.jsonl" : "t.conll")
      let rows = try TokenDataset(file: file, columns: ColumnMapping(text: "sentence"), settings: settings)
      let tags = HeadDescription(outputs: 3, names: ["O", "B-x", "I-x"], architecture: Architectures.ofTokens)
      _ = try TaskKinds().task(of: tags).targets(of: rows.targetCells)
    }
    func ask(_ bytes: [UInt8]) throws {
      var settings = TokenDataset.Settings(tokenizer: tokenizer, maximumLength: 32)
      (settings.layout, settings.cacheFolder) = (.spans, nil)
      let columns = ColumnMapping(text: "question", pair: "context", label: "answers")
      let rows = try TokenDataset(file: files.write(bytes, "t.json"), columns: columns, settings: settings)
      let answers = HeadDescription(outputs: 2, architecture: Architectures.ofSpans)
      _ = try TaskKinds().task(of: answers).targets(of: rows.targetCells)
    }
    return [
      Subject(
        name: "questions", share: 20_000, seeds: inputs.questions, costPerByte: 1024, structure: .json, read: ask),
      Subject(name: "conll", share: 20_000, seeds: [inputs.sentences], read: read),
      Subject(name: "spans", share: 20_000, seeds: [inputs.spans], read: read),
    ]
  }

  private static func models(_ inputs: Inputs, _ files: Scratch) throws -> [Subject] {
    [
      Subject(
        name: "vocabulary", share: 20_000,
        seeds: [try inputs.lines("launch/data/vocabulary/bert-base-uncased.txt", 130)], costPerByte: 256
      ) { bytes in _ = try Vocabulary(contentsOfFile: files.write(bytes, "vocab.txt")) },
      Subject(
        name: "tokenizer", share: 20_000, seeds: [inputs.tokenizer], costPerByte: 256, structure: .json
      ) { bytes in
        _ = try Tokenizers.read(file: files.write(bytes, "tokenizer.json"))
      },
      Subject(
        name: "tokenizer options", share: 20_000, seeds: [inputs.tokenizerOptions], costPerByte: 256, structure: .json
      ) { bytes in
        _ = files.write(bytes, "tokenizer_config.json")
        let vocabulary = files.write(Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n".utf8), "words.txt")
        _ = files.write(Array("{}".utf8), "config.json")
        for name in ["tokenizer.json", "vocab.txt"] {
          try? FileManager.default.removeItem(atPath: files.folder + "/" + name)
        }
        _ = try Tokenizers.read(directory: files.folder, vocabulary: vocabulary).encode("ab [E1] a", maximumLength: 8)
      },
      Subject(
        name: "encoder configuration", share: 20_000, seeds: [inputs.encoder], costPerByte: 1024, structure: .json
      ) { bytes in
        _ = files.write(bytes, "config.json")
        _ = try PretrainedFacts(path: files.folder)
      },
      Subject(
        name: "image configuration", share: 10_000, seeds: [inputs.residual], costPerByte: 1024, structure: .json
      ) { bytes in
        _ = files.write(bytes, "config.json")
        _ = try ResidualDirectory(path: files.folder)
      },
    ]
  }

  private static func protocols() -> [Subject] {
    var header = [UInt8](repeating: 0, count: Frame.bytes)
    let frame = Frame(kind: .data, source: 1, destination: 0, epoch: 3, length: 4096)
    header.withUnsafeMutableBytes { frame.encode(to: $0.baseAddress!) }
    let secret = [UInt8](repeating: 7, count: 32)
    let subject = HandshakeSubject(source: 1, destination: 0, epoch: 3, kind: .data)
    let progress = ControlMessage.Progress(step: 7, phase: "compute", completed: 9, operation: "gradient")
    let verdict = Verdict(rank: 1, host: "node1", cause: .died, detail: "", operation: "gradient", step: 7)
    let traffic = ControlMessage.Traffic(peer: 1, received: 2, isWaiting: true, sent: 3, isBlocked: false)
    let messages: [ControlMessage] = [
      .heartbeat(progress), .inquiry(operation: 4), .report(progress, name: "gradient", traffic: [traffic, traffic]),
      .suspect(ControlMessage.Evidence(rank: 2, cause: .silent, detail: "nothing for 6 s", progress: progress)),
      .abort(verdict), .goodbye(progress), .failed(reason: "no more memory", progress),
    ]
    let terms = LinkTerms(secret: secret)
    let peerInfo = PeerInfo(
      addresses: ["10.0.0.1"], port: 29_500, host: "node1", machine: "a", process: 7, epoch: 3, fingerprint: "f",
      key: secret
    ).encoded()
    let hello = Handshake(client: subject, terms: terms).outgoing
    return [
      Subject(name: "frames", share: 100_000, seeds: [header]) { bytes in
        guard bytes.count >= Frame.bytes else { return }
        // Half of them with the checksum that belongs to them, or none would be looked at further.
        var header = bytes
        if bytes[8] & 1 == 0 {
          let sum = header.withUnsafeBytes { System.crc32c(UnsafeRawBufferPointer(rebasing: $0[..<60])) }
          withUnsafeBytes(of: sum.littleEndian) { header.replaceSubrange(60..<64, with: $0) }
        }
        _ = try header.withUnsafeBytes { try Frame(decoding: $0.baseAddress!) }
      },
      Subject(name: "control messages", share: 100_000, seeds: messages.map { $0.encoded() }) { bytes in
        if ControlMessage(decoding: bytes) == nil { throw Refused() }
      },
      Subject(name: "handshakes", share: 20_000, seeds: [hello]) { bytes in
        var server = Handshake(server: { _ in .terms(terms) })
        var rest = bytes[...]
        while server.wanted > 0, !rest.isEmpty {
          let next = rest.prefix(server.wanted)
          rest = rest.dropFirst(next.count)
          if case .refused = server.receive(next) { throw Refused() }
        }
      },
      Subject(
        name: "carried peer infos", share: 20_000,
        seeds: [CarriedPeerInfo.encode(peerInfo, rank: 1, size: 2, secret: nil)]
      ) {
        bytes in
        _ = try PeerInfo(decoding: try CarriedPeerInfo.decode(bytes, rank: 1, size: 2, secret: nil))
      },
      Subject(name: "planned faults", share: 10_000, seeds: [Array("rank:1,point:step,number:3,do:kill".utf8)]) {
        bytes in
        if FaultInjection(String(decoding: bytes, as: UTF8.self)) == nil { throw Refused() }
      },
    ]
  }

  private static func launching(_ inputs: Inputs) -> [Subject] {
    [
      Subject(name: "host file", share: 60_000, seeds: [inputs.hosts], costPerByte: 512) { bytes in
        _ = try HostFile(String(decoding: bytes, as: UTF8.self), source: "hosts")
      }
    ]
  }
}
