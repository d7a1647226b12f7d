"""Fine-tunes a model on a task in plain PyTorch and transformers, and predicts: what launch/compare-tasks compares lockstep with.

    python torch_tasks.py '{"name": "stsb", "train": …, "dev": …, …}'
"""
import csv
import json
import math
import random
import sys

import torch
from torch.utils.data import DataLoader
from transformers import (AutoModelForMultipleChoice, AutoModelForQuestionAnswering, AutoModelForSequenceClassification,
                          AutoModelForTokenClassification, AutoTokenizer, get_linear_schedule_with_warmup)  # fmt: skip
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def tab_rows(path, quoting=csv.QUOTE_NONE):
    """GLUE's tables, in which a quote is a letter, and others."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file, delimiter="\t", quoting=quoting)


def tab_dicts(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def csv_dicts(path):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def json_rows(path):
    with open(path, encoding="utf-8") as file:
        yield from map(json.loads, file)


def sentences(path):
    """A word a line with its tag, and an empty line after each sentence."""
    with open(path, encoding="utf-8") as file:
        for block in file.read().split("\n\n"):
            words = [line.split("\t") for line in block.split("\n") if line.strip()]
            if words:
                yield [word for word, _ in words], [tag for _, tag in words]


def questions(path):
    """Questions, their contexts, the place of the first answer and the texts of all; places may be one or two too many."""
    for row in json_rows(path):
        first, context = row["answers"][0], row["context"]
        place = next(p for p in (first["answer_start"] - shift for shift in range(3)) if context[p:].startswith(first["text"]))
        yield (row["question"], context, (place, place + len(first["text"]))), [answer["text"] for answer in row["answers"]]


# Of each row: its text or its texts, and its label; of words their list, and the list of their tags.
READERS = {
    "stsb": lambda path: [((r["sentence1"], r["sentence2"]), float(r["score"])) for r in tab_dicts(path)],
    "mrpc": lambda path: [((r["#1 String"], r["#2 String"]), r["Quality"]) for r in tab_dicts(path)],
    "cola": lambda path: [((r[3],), r[1]) for r in tab_rows(path)],
    "rte": lambda path: [((r["sentence1"], r["sentence2"]), r["label"]) for r in tab_dicts(path)],
    "goemotions": lambda path: [((r[0],), sorted(r[1].split(","))) for r in tab_rows(path, csv.QUOTE_MINIMAL)],
    "banking77": lambda path: [((r["text"],), r["category"]) for r in csv_dicts(path)],
    "wnut17": lambda path: list(sentences(path)),
    "xquad": lambda path: list(questions(path)),
    "cmrc2018": lambda path: list(questions(path)),
    "commonsenseqa": lambda path: [((r["question"], r["choices"]["text"]), r["answerKey"]) for r in json_rows(path)],
}


class Task:
    """What differs between tasks: the model, its inputs and targets, and what a row's scores say."""

    def __init__(self, settings, labels):
        self.name = settings["name"]
        self.kind = dict(stsb="regression", goemotions="multi_label_classification", commonsenseqa="choice", wnut17="words", xquad="spans",
                         cmrc2018="spans").get(self.name, "class")  # fmt: skip
        self.tokenizer = AutoTokenizer.from_pretrained(settings["model"])
        self.length = settings["length"]
        self.names = self.all_names(labels)
        self.model = self.network(settings["model"], settings["dropout"])
        if settings["start"]:
            self.model.save_pretrained(settings["start"])
            self.tokenizer.save_pretrained(settings["start"])

    def network(self, folder, dropout):
        changes = {} if dropout is None else dict(hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)
        if self.kind == "choice":
            return AutoModelForMultipleChoice.from_pretrained(folder, **changes)
        if self.kind == "spans":
            return AutoModelForQuestionAnswering.from_pretrained(folder, **changes)
        if self.kind == "regression":
            return AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1, problem_type=self.kind, **changes)
        if self.kind == "multi_label_classification":
            changes["problem_type"] = self.kind
        network = AutoModelForTokenClassification if self.kind == "words" else AutoModelForSequenceClassification
        return network.from_pretrained(folder, id2label=dict(enumerate(self.names)),
                                       label2id={n: i for i, n in enumerate(self.names)}, **changes)  # fmt: skip

    def all_names(self, labels):
        if self.kind in ("regression", "spans"):
            return []
        if self.kind == "choice":
            return list("ABCDE")
        if self.kind in ("multi_label_classification", "words"):
            return sorted({name for own in labels for name in own})
        return sorted(set(labels))

    def collate(self, rows):
        texts, labels = zip(*rows)
        if self.kind == "words":
            return self.collate_words(texts, labels)
        if self.kind == "spans":
            return self.collate_spans(texts)
        if self.kind == "choice":
            choices = len(texts[0][1])
            texts = [(question, choice) for question, all_choices in texts for choice in all_choices]
        firsts = [text[0] for text in texts]
        seconds = [text[1] for text in texts] if len(texts[0]) > 1 else None
        batch = self.tokenizer(firsts, seconds, truncation=True, max_length=self.length, padding=True, return_tensors="pt")
        if self.kind == "choice":
            batch = {key: value.view(len(rows), choices, -1) for key, value in batch.items()}
        return {**batch, "labels": self.targets(labels)}

    def collate_words(self, texts, tags):
        """The tag of a word is that of its first token; the others have none."""
        batch = self.tokenizer(list(texts), is_split_into_words=True, truncation=True, max_length=self.length, padding=True, return_tensors="pt")
        labels = torch.full(batch["input_ids"].shape, -100)
        for row, own in enumerate(tags):
            words = batch.word_ids(row)
            for place, word in enumerate(words):
                if word is not None and word not in words[:place]:
                    labels[row, place] = self.names.index(own[word])
        return {**batch, "labels": labels}

    def collate_spans(self, texts):
        """Each question before every window of its context; a window without the whole answer points to its first token."""
        encoded = self.tokenizer([text[0] for text in texts], [text[1] for text in texts], truncation="only_second", max_length=self.length,
                                 stride=min(128, self.length // 3), return_overflowing_tokens=True, return_offsets_mapping=True,
                                 padding=True, return_tensors="pt")  # fmt: skip
        rows, offsets = encoded["overflow_to_sample_mapping"].tolist(), encoded["offset_mapping"].tolist()
        windows = []
        for window, row in enumerate(rows):
            context = [place for place, part in enumerate(encoded.sequence_ids(window)) if part == 1]
            first, last = texts[row][2]
            start = end = 0
            if context and offsets[window][context[0]][0] <= first and offsets[window][context[-1]][1] >= last:
                start = max(place for place in context if offsets[window][place][0] <= first)
                end = min(place for place in context if offsets[window][place][1] >= last)
            windows.append(dict(row=row, context=context, offsets=offsets[window], text=texts[row][1], start=start, end=end))
        inputs = {key: encoded[key] for key in ("input_ids", "token_type_ids", "attention_mask")}
        return {**inputs, "windows": windows, "labels": windows}

    def span_scores(self, batch):
        """Scores of starts and ends; what is padding takes no part."""
        output = self.model(**{key: value for key, value in batch.items() if key not in ("windows", "labels")})
        padding = batch["attention_mask"] == 0
        return [scores.masked_fill(padding, -math.inf) for scores in (output.start_logits, output.end_logits)]

    def loss(self, batch):
        if self.kind != "spans":
            return self.model(**batch).loss
        targets = [torch.tensor([window[key] for window in batch["windows"]]) for key in ("start", "end")]
        return sum(torch.nn.functional.cross_entropy(scores, target) for scores, target in zip(self.span_scores(batch), targets)) / 2

    def predictions(self, batch):
        return self.spans(batch) if self.kind == "spans" else self.answers(self.model(**batch).logits, batch["labels"])

    def spans(self, batch):
        """Of each row the span with the largest sum of two scores over its windows, of up to 30 tokens of the context."""
        best = {}
        for window, starts, ends in zip(batch["windows"], *self.span_scores(batch)):
            first, last = window["context"][0], window["context"][-1] + 1
            sums = starts[first:last, None] + ends[None, first:last]
            sums = sums.masked_fill((torch.ones_like(sums).triu() - torch.ones_like(sums).triu(30)) == 0, -math.inf)
            start, end = divmod(sums.argmax().item(), last - first)
            text = window["text"][window["offsets"][first + start][0] : window["offsets"][first + end][1]]
            best[window["row"]] = max(best.get(window["row"], (-math.inf, "")), (sums.max().item(), text), key=lambda found: found[0])
        return [best[row][1].strip() for row in sorted(best)]

    def targets(self, labels):
        if self.kind == "regression":
            return torch.tensor(labels)
        if self.kind == "multi_label_classification":
            return torch.tensor([[float(name in own) for name in self.names] for own in labels])
        return torch.tensor([self.names.index(label) for label in labels])

    def answers(self, logits, labels):
        if self.kind == "words":
            chosen = logits.argmax(-1)
            return [[self.names[index] for index in own[own_labels >= 0]] for own, own_labels in zip(chosen, labels)]
        if self.kind == "regression":
            return logits.squeeze(-1).tolist()
        if self.kind == "multi_label_classification":
            return [sorted(n for n, p in zip(self.names, row) if p >= 0.5) for row in logits.sigmoid().tolist()]
        return [self.names[index] for index in logits.argmax(-1).tolist()]


def optimizer(model, rate, decay):
    exempt = lambda name: name.endswith("bias") or "LayerNorm" in name
    named = list(model.named_parameters())
    return torch.optim.AdamW(
        [dict(params=[p for n, p in named if not exempt(n)], weight_decay=decay),
         dict(params=[p for n, p in named if exempt(n)], weight_decay=0.0)], lr=rate)  # fmt: skip


def train(task, rows, settings):
    """Returns the mean loss over the rows, or their windows, of the last epoch, and each step's loss and norm of the gradient."""
    loader = DataLoader(rows, settings["batch"], shuffle=True, collate_fn=task.collate)
    steps = len(loader) * settings["epochs"]
    descent = optimizer(task.model, settings["rate"], settings["decay"])
    schedule = get_linear_schedule_with_warmup(descent, math.ceil(0.1 * steps), steps)
    task.model.train()
    history = []
    for _ in range(settings["epochs"]):
        total, count = 0.0, 0
        for batch in loader:
            loss = task.loss(batch)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(task.model.parameters(), 1.0)
            history.append((loss.item(), norm.item()))
            descent.step()
            schedule.step()
            descent.zero_grad()
            total += loss.item() * len(batch["labels"])
            count += len(batch["labels"])
    return total / count, history


def predict(task, rows):
    task.model.eval()
    answers = []
    with torch.no_grad():
        for batch in DataLoader(rows, 64, collate_fn=task.collate):
            answers += task.predictions(batch)
    return answers


def main():
    settings = json.loads(sys.argv[1])
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(settings["seed"])
    random.seed(settings["seed"])
    train_rows, dev_rows = (READERS[settings["name"]](settings[key]) for key in ("train", "dev"))
    task = Task(settings, [label for _, label in train_rows])
    loss, steps = train(task, train_rows, settings)
    truth = [label for _, label in dev_rows]
    result = dict(predictions=predict(task, dev_rows), truth=truth, names=task.names, loss=loss, steps=steps)
    with open(settings["output"], "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
