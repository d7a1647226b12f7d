import Data
import Lockstep
import Testing

@Suite("Remarks on classes")
struct ClassRemarkTests {
  private func notes(_ classes: [(String, Int)]) -> [String] {
    ClassRemarks.notes(on: classes.map { ClassCount(name: $0, rows: $1) })
  }

  @Test("are silent on classes that look as meant")
  func silent() {
    #expect(notes([("0", 500), ("1", 400)]) == [])
    #expect(notes([("neg", 1), ("pos", 1), ("neutral", 2)]) == [])
    #expect(notes([("-1", 20), ("1.5", 40)]) == [])
  }

  @Test("name classes that may be one, a word among numbers, and a class of one row")
  func signs() {
    #expect(
      notes([("POS", 30), ("neg", 30), ("pos ", 30)]) == [
        "the classes \"POS\" and \"pos \" differ in capitals, blanks or the encoding of accents alone; correct the labels if"
          + " they are one"
      ])
    #expect(
      notes([("0", 500), ("1", 400), ("posi", 1)]) == [
        "some classes are numbers and others words, such as \"posi\" (1 row); correct the labels if that is a mistake",
        "the class \"posi\" has 1 row of 901; correct the label if it is a mistake",
      ])
  }
}
