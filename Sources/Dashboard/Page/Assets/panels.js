'use strict';

// The parts of the page that are not curves.

function tile(label, value, more) {
  return element('div', 'tile', element('div', 'label', label), element('div', 'value', value), element('div', 'more', more));
}

// The figures at the top; `scores` are the curves of the evaluations.
function tiles(status, scores, ranks) {
  const [loss, rate, norm] = status.latest;
  const made = [tile('Loss', numbers.figure(loss), `gradient norm ${numbers.figure(norm)}`)];
  const best = bestScore(status, scores);
  if (best) made.push(tile(`Best ${numbers.metric(best.metric, best.positive)}`, numbers.figure(best.value), best.more));
  else made.push(tile('Best', '–', 'not evaluated yet'));
  made.push(tile('Rows per second', numbers.figure(status.rows_per_second), `${numbers.moment(status.seconds_per_step)} a step`));
  made.push(tile('Learning rate', numbers.figure(rate), `epoch ${status.epoch}`));
  const memory = ranks.memory.length > 0 ? Math.max(...ranks.memory) : null;
  const words = memory === null ? waitingWords(ranks) : `at most ${numbers.bytes(memory)}`;
  made.push(tile('Ranks', String(status.ranks), words));
  const checkpoint = status.checkpoints[status.checkpoints.length - 1];
  const restarts = status.restarts === 1 ? '1 restart' : `${status.restarts} restarts`;
  made.push(tile('Checkpoint', checkpoint === undefined ? '–' : numbers.count(checkpoint), restarts));
  return made;
}

// The part of their time that the ranks wait for each other.
function waitingWords({ count, latest }) {
  const sum = (kinds) => kinds.reduce((total, kind) => total + latest[kind].reduce((one, other) => one + other, 0), 0);
  const all = sum(kindsOfTime);
  return count < 2 || all === 0 ? '' : `${(100 * sum(['waiting']) / all).toFixed(0)} % waiting`;
}

// The summary knows the best of a finished run; before that the evaluations do, of the first metric.
function bestScore(status, scores) {
  if (status.best !== null && status.best_metric) {
    const more = status.best_step === null ? '' : `at step ${numbers.count(status.best_step)}`;
    const positive = scores.find((score) => score.metric === status.best_metric)?.positive;
    return { metric: status.best_metric, positive, value: status.best, more };
  }
  const { metric, positive } = scores.find((score) => score.metric !== 'loss') || scores[0] || {};
  let best = null;
  for (const { weights, points } of scores.filter((score) => score.metric === metric)) {
    for (const [step, value] of points) {
      if (best && (metric === 'loss' ? value >= best.value : value <= best.value)) continue;
      best = { metric, positive, value, more: `at step ${numbers.count(step)}${weights === 'raw' ? '' : `, ${weights}`}` };
    }
  }
  return best;
}

const kindsOfTime = ['compute', 'data', 'communication', 'waiting'];

// How each rank spends its time.
class RankPanel {
  constructor(section) {
    this.section = section;
    this.isWhole = false;
    this.buttons = [['latest', false], ['whole run', true]].map(([name, isWhole]) => {
      const button = element('button', '', name);
      button.type = 'button';
      button.addEventListener('click', () => { this.isWhole = isWhole; this.show(this.ranks); });
      return button;
    });
    this.rows = element('div', 'rows');
    const keys = kindsOfTime.map((kind) => element('span', 'key', element('i', kind), kind));
    section.replaceChildren(
      element('div', 'head', element('h2', '', 'Time of the ranks'),
        element('div', 'side', ...keys, element('span', 'choice', ...this.buttons))),
      this.rows);
  }

  show(ranks) {
    this.ranks = ranks;
    this.section.hidden = ranks.count === 0;
    if (ranks.count === 0) return;
    this.buttons.forEach((button, index) => button.setAttribute('aria-pressed', String((index === 1) === this.isWhole)));
    const shares = this.isWhole ? ranks.whole : ranks.latest;
    this.buttons[0].textContent = `latest ${numbers.count(ranks.latest.steps)} steps`;
    while (this.rows.childElementCount > ranks.count) this.rows.lastChild.remove();
    for (let rank = 0; rank < ranks.count; rank += 1) this.showRank(rank, shares, ranks.memory[rank]);
  }

  showRank(rank, shares, memory) {
    const row = this.rows.children[rank] || this.rows.appendChild(this.emptyRow(rank));
    const seconds = kindsOfTime.map((kind) => shares[kind][rank]);
    const sum = seconds.reduce((total, one) => total + one, 0) || 1;
    const words = kindsOfTime.map((kind, index) => `${kind} ${(100 * seconds[index] / sum).toFixed(1)} %`).join(', ');
    row.querySelector('.stack').title = words;
    [...row.querySelector('.stack').children].forEach((part, index) => {
      part.style.width = `${100 * seconds[index] / sum}%`;
    });
    const busy = (seconds[0] + seconds[1]) / Math.max(1, shares.steps);
    row.querySelector('.busy').replaceChildren(numbers.moment(busy), ' ', element('small', '', 'a step'));
    row.querySelector('.memory').textContent = memory === undefined ? '' : numbers.bytes(memory);
  }

  emptyRow(rank) {
    const stack = element('div', 'stack', ...kindsOfTime.map((kind) => element('div', kind)));
    stack.setAttribute('role', 'img');
    const row = element('div', 'rank', element('span', 'name', `rank ${rank}`), stack, element('span', 'number busy'),
      element('span', 'number memory'));
    row.querySelector('.busy').title = 'Own work: data and compute';
    row.querySelector('.memory').title = 'The most memory it ever held';
    return row;
  }
}

const eventWords = {
  began: () => 'training began', resumed: () => 'resumed from a checkpoint', checkpoint: () => 'checkpoint committed',
  warning: (event) => event.text, ended: () => 'training ended', launch: (event) => event.text, failed: (event) => event.text,
};

function eventRow(event) {
  const time = element('time', '', event.time === null ? '' : new Date(event.time * 1000).toLocaleTimeString());
  if (event.time !== null) time.title = new Date(event.time * 1000).toLocaleString();
  const words = (eventWords[event.kind] || (() => event.text))(event);
  const row = element('li', '', element('span', 'dot'),
    element('span', 'step', event.step === null ? '' : `step ${numbers.count(event.step)}`), element('span', 'words', words), time);
  if (eventWords[event.kind]) row.classList.add(event.kind);
  return row;
}

// What happened, the latest first, with what is known of the run's health.
function showEvents(section, events, status) {
  const facts = [];
  const fact = (words, value) => facts.push(element('span', '', words, ' ', element('b', '', value)));
  if (status.checkpoints.length > 0) fact('kept checkpoints', status.checkpoints.map(numbers.count).join(', '));
  if (status.agreed_step !== null) fact('ranks last compared equal at step', numbers.count(status.agreed_step));
  if (status.skipped > 0) fact('skipped updates', numbers.count(status.skipped));
  if (status.broken_step !== null) fact('no number at step', numbers.count(status.broken_step));
  section.hidden = events.length + facts.length === 0;
  const kept = section.querySelector('.happened')?.scrollTop || 0;
  const list = element('ul', 'happened', ...events.slice(-100).reverse().map(eventRow));
  section.replaceChildren(element('div', 'head', element('h2', '', 'Checkpoints, restarts, warnings')),
    element('p', 'facts', ...facts), list);
  list.scrollTop = kept;
}

function chooseTheme(button) {
  const root = document.documentElement;
  const read = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  const keep = (theme) => { try { localStorage.setItem('theme', theme); } catch { /* it lasts until the page is left */ } };
  if (read()) root.dataset.theme = read();
  button.addEventListener('click', () => {
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    keep(root.dataset.theme);
  });
}
