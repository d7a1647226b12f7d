import Data
import Foundation
import Models
import Recipes
import Tasks
import Techniques
import Tensors
import TestSupport
import Testing
import Text
import Training

/// Which tokens of a text are masked, and how.
@Suite struct MaskingTests {
  @Test("Masks are a function of seed, step and row, whatever is asked for at once, and each weighs as many as it has")
  func function() throws {
    let tokenizer = try MaskedTexts.tokenizer()
    let texts = try MaskedTexts.dataset(
      MaskedTexts.texts(12) { 3 + 4 * $0 % 29 }, tokenizer, length: 32)
    let task = try MaskedTexts.task(tokenizer, length: 32)
    let rows = try task.rows(texts, for: .training(seed: 3))
    let step = rows.drawn(at: 5)
    let whole = MaskedTexts.seen(step, Array(0..<12))
    for row in 0..<12 {
      let own = MaskedTexts.seen(step, [11, row])[1]
      #expect(own == whole[row])
      #expect(step.weight(row) == Float(own.places.count) && own.places.count >= 1)
      #expect(step.targets(row) == own.targets.map(Float.init))
      #expect(own.places.map { texts.tokens(row)[$0] } == own.targets)
    }
    func differ(_ other: any Dataset) -> Bool {
      zip(MaskedTexts.seen(other, Array(0..<12)), whole).contains { $0 != $1 }
    }
    #expect(!differ(rows.drawn(at: 5)) && differ(rows.drawn(at: 6)) && differ(rows))
    let other = try task.rows(texts, for: .training(seed: 4)).drawn(at: 5)
    #expect(differ(other))
    // Of some rows alone, such as those of a fold, masks are those of the whole.
    let some = DatasetRows(rows, rows: [7, 2]).drawn(at: 5)
    #expect(MaskedTexts.seen(some, [0])[0] == whole[7] && some.weight(1) == step.weight(2))
    let judged = try task.rows(texts, for: .judging)
    #expect(
      zip(MaskedTexts.seen(judged, [2, 7]), MaskedTexts.seen(judged.drawn(at: 9), [2, 7])).allSatisfy { $0 == $1 })
    #expect(zip(MaskedTexts.seen(judged, [2, 7]), MaskedTexts.seen(rows, [2, 7])).allSatisfy { $0 == $1 })
  }

  @Test("15 % of the tokens are predicted; of these 80 % are seen as the mask, 10 % as another, 10 % as they are")
  func shares() throws {
    let tokenizer = try MaskedTexts.tokenizer()
    let texts = try MaskedTexts.dataset(MaskedTexts.texts(600) { _ in 60 }, tokenizer, length: 64)
    let rows = try MaskedTexts.task(tokenizer, length: 64).rows(texts, for: .training(seed: 1)).drawn(at: 2)
    var (chosen, masked, kept, special) = (0, 0, 0, 0)
    var others = [Int](repeating: 0, count: 40)
    for (row, seen) in MaskedTexts.seen(rows, Array(0..<600)).enumerated() {
      chosen += seen.places.count
      masked += seen.places.count { seen.ids[$0] == 4 }
      for (place, target) in zip(seen.places, seen.targets) where seen.ids[place] != target {
        others[Int(seen.ids[place])] += 1
      }
      kept += zip(seen.places, seen.targets).count { seen.ids[$0.0] == $0.1 }
      special += seen.places.count { [0, seen.ids.count - 1].contains($0) }
      for place in seen.ids.indices where !seen.places.contains(place) {
        #expect(seen.ids[place] == texts.tokens(row)[place])
      }
    }
    #expect(special == 0)
    #expect(abs(Double(chosen) / 36_000 - 0.15) < 0.006, "\(chosen)")
    // A random token is the mask, or the token itself, once in 40.
    #expect(abs(Double(masked) / Double(chosen) - 0.8025) < 0.02, "\(masked) of \(chosen)")
    #expect(abs(Double(kept) / Double(chosen) - 0.1025) < 0.015, "\(kept) of \(chosen)")
    // About 13 of each token but the mask.
    #expect(others.enumerated().allSatisfy { $0 == 4 || 1...40 ~= $1 }, "\(others)")
  }

  @Test("Whole words are masked with all their pieces, and drawn as often as others")
  func wholeWords() throws {
    let tokenizer = try MaskedTexts.tokenizer(["play", "##ing", "##ful", "a", "b"])
    let text = Array(repeating: "playing a playingful b", count: 8).joined(separator: " ")
    let texts = try MaskedTexts.dataset(Array(repeating: text, count: 300), tokenizer, length: 128)
    let rows = try MaskedTexts.task(tokenizer, length: 128, ["whole_words": true])
      .rows(texts, for: .training(seed: 1)).drawn(at: 0)
    let ids = Array(texts.tokens(0))
    var (long, short) = (0, 0)
    for seen in MaskedTexts.seen(rows, Array(0..<300)) {
      for place in 1..<ids.count - 1 {
        let isPart = ids[place] == 6 || ids[place] == 7
        if isPart { #expect(seen.places.contains(place) == seen.places.contains(place - 1)) }
        if seen.places.contains(place), ids[place] == 5 { long += 1 }
        if seen.places.contains(place), ids[place] > 7 { short += 1 }
      }
    }
    #expect(abs(Double(long) / 4800 - 0.15) < 0.02 && abs(Double(short) / 4800 - 0.15) < 0.02, "\(long), \(short)")
  }

  @Test("Ideographs that make a word of the list are masked together, the longest word first")
  func wordList() throws {
    let tokenizer = try MaskedTexts.tokenizer(["我", "爱", "北", "京", "大", "学", "x"])
    let texts = try MaskedTexts.dataset(Array(repeating: "我爱北京大学 x 北京 爱学", count: 300), tokenizer, length: 32)
    let task = try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try "北京 300 ns\n北京大学\n大学\n".write(toFile: folder + "/words.txt", atomically: true, encoding: .utf8)
      let recipe = try Recipe(
        RecipeDocument(
          yaml: """
            task: {kind: masked-lm, whole_words: true, word_list: \(folder)/words.txt}
            model: {configuration: {}}
            data: {train: rows.jsonl}
            """, source: "test"))
      return try MaskedLanguageModel(texts.targetCells, start: TaskStart(recipe: recipe))
    }.reading(TextReader(tokenizer: tokenizer, maximumLength: 32))
    let rows = try task.rows(texts, for: .training(seed: 1)).drawn(at: 0)
    // [CLS] 我 爱 北 京 大 学 x 北 京 爱 学 [SEP]
    let words = [[1], [2], [3, 4, 5, 6], [7], [8, 9], [10], [11]]
    var counts = words.map { _ in 0 }
    for seen in MaskedTexts.seen(rows, Array(0..<300)) {
      for (index, word) in words.enumerated() where seen.places.contains(word[0]) {
        counts[index] += 1
        #expect(word.allSatisfy(seen.places.contains))
      }
      #expect(seen.places.allSatisfy { place in words.joined().contains(place) })
    }
    #expect(counts.allSatisfy { $0 > 20 && $0 < 160 }, "\(counts)")
  }

  @Test("Joined texts lose no token, and every row but the last is full", arguments: [8, 13, 64])
  func joined(length: Int) throws {
    let tokenizer = try MaskedTexts.tokenizer()
    let texts = MaskedTexts.texts(20) { $0 % 7 == 3 ? 0 : 1 + 5 * $0 % 23 }
    let whole = try MaskedTexts.dataset(texts, tokenizer, length: TokenDataset.wholeTexts)
    let rows = try MaskedTexts.task(tokenizer, length: length, ["pack": true, "probability": 0.5])
      .rows(whole, for: .judging)
    var stream: [Int32] = []
    for (row, seen) in MaskedTexts.seen(rows, Array(0..<rows.rowCount)).enumerated() {
      var ids = seen.ids
      for (place, target) in zip(seen.places, seen.targets) { ids[place] = target }
      #expect(ids.count == rows.length(row) && (row == rows.rowCount - 1 || ids.count == length))
      #expect(ids.first == 2 && ids.last == 3)
      stream += ids.dropFirst().dropLast()
    }
    let wanted = (0..<20).map { whole.tokens($0).dropFirst().dropLast() }.filter { !$0.isEmpty }.joined(separator: [3])
    #expect(stream == Array(wanted))
  }

  @Test("Texts without a token are left out, and rows of nothing else are refused")
  func empty() throws {
    let tokenizer = try MaskedTexts.tokenizer()
    let task = try MaskedTexts.task(tokenizer, length: 16)
    let rows = try task.rows(
      try MaskedTexts.dataset(["w5", "", "w6 w7", "…"], tokenizer, length: 16), for: .training(seed: 1))
    #expect(rows.rowCount == 2 && rows.drawn(at: 3).weight(0) == 1 && rows.drawn(at: 3).sampleID(1) == 2)
    #expect(throws: TableError.self) {
      try task.rows(try MaskedTexts.dataset([" ", ""], tokenizer, length: 16), for: .judging)
    }
  }
}
