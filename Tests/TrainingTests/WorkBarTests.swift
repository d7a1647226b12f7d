import Testing

import Console

@Suite("Work that takes a while")
struct WorkBarTests {
  @Test("is a bar with the time that is left, or a line")
  func text() {
    let work = Work("tokenizing", "data/train.tsv", of: 1000)
    #expect(WorkBar.text(work, 250, seconds: 10, columns: nil) == "tokenizing train.tsv  25% 250/1000 [00:10<00:30]")
    let bar = WorkBar.text(work, 500, seconds: 10, columns: 80)
    #expect(bar.hasPrefix("tokenizing train.tsv  50%|█") && bar.hasSuffix("| 500/1000 [00:10<00:10]"))
    #expect(bar.count == 79, "\(bar.count)")
    let reading = Work("reading", "a.csv", of: 3_000_000, in: .bytes)
    #expect(WorkBar.text(reading, 3_000_000, seconds: 1, columns: nil) == "reading a.csv 100% 3/3 MB [00:01<00:00]")
    #expect(WorkBar.text(reading, 0, seconds: 1, columns: nil).hasSuffix("0/3 MB [00:01<?]"))
    #expect(WorkBar.text(Work("a", "b", of: 0), 0, seconds: 0, columns: nil) == "a b   0% 0/0 [00:00<?]")
  }
}
