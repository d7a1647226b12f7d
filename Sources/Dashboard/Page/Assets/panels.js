'use strict';

// The parts of the page that are not curves.

function tile(label, value, more) {
  const made = element('div', 'tile', element('div', 'label', label), element('div', 'value', value), element('div', 'more', more));
  made.querySelector('.more').title = more;
  return made;
}

// The figures at the top.
function tiles(status, ranks) {
  const [loss, rate, norm] = status.latest;
  const made = [tile('Training loss', numbers.figure(loss), `gradient norm ${numbers.figure(norm)}`)];
  const { best } = status;
  if (best) {
    const place = [best.step === null ? '' : `step ${numbers.count(best.step)}`, best.weights === 'raw' ? '' : weightWords(best.weights)];
    const name = numbers.metric(numbers.words(best.metric), best.positive);
    made.push(tile(`Best ${name}`, numbers.figure(best.value), place.filter((part) => part).join(', ')));
  } else {
    made.push(tile('Best', '–', 'not evaluated yet'));
  }
  made.push(tile('Rows per second', numbers.figure(status.rows_per_second), `${numbers.moment(status.seconds_per_step)} a step`));
  made.push(tile('Learning rate', numbers.figure(rate), `epoch ${status.epoch}`));
  const memory = ranks.memory.length > 0 ? Math.max(...ranks.memory) : null;
  const words = waitingWords(ranks) || (memory === null ? '' : `at most ${numbers.bytes(memory)}`);
  made.push(tile('Ranks', String(status.ranks), words));
  const checkpoint = status.checkpoints[status.checkpoints.length - 1];
  made.push(tile('Checkpoint', checkpoint === undefined ? '–' : `step ${numbers.count(checkpoint)}`, numbers.of(status.restarts, 'restart')));
  return made;
}

const kindsOfTime = ['compute', 'data', 'communication', 'waiting'];
const kindWords = { compute: 'compute', data: 'data', communication: 'communication', waiting: 'waiting for later ranks' };

// The part of their time that the ranks wait for each other.
function waitingWords({ count, latest }) {
  const sum = (kinds) => kinds.reduce((total, kind) => total + latest[kind].reduce((one, other) => one + other, 0), 0);
  const all = sum(kindsOfTime);
  return count < 2 || all === 0 ? '' : `${(100 * sum(['waiting']) / all).toFixed(0)} % waiting`;
}

// What the run is about to do, as the terminal says it at the start, and where it came from.
function showFacts(section, facts, status) {
  const count = (name) => (facts[name] === undefined ? null : numbers.count(facts[name]));
  const rows = [];
  const row = (name, ...words) => {
    if (words.some((word) => word)) rows.push(element('dt', '', name), element('dd', '', ...words.filter((word) => word)));
  };
  row('model', facts.model);
  row('task', facts.task && facts.targets ? `${facts.task}: ${facts.targets}` : facts.task || facts.targets);
  if (facts.rows !== undefined) {
    row('rows', `${count('rows')} to train, ${facts.validation_rows === undefined ? 'none' : count('validation_rows')} to validate`);
  }
  if (facts.trained_weights !== undefined) {
    row('parameters', `${numbers.count(facts.trained_weights + facts.frozen_weights)}: ${count('trained_weights')} trained, ${count('frozen_weights')} frozen`);
  }
  row('steps', stepWords(facts, status));
  row('ranks', rankWords(facts, status));
  row('hosts', (facts.hosts || []).map(([name, ranks]) => `${name} (${numbers.of(ranks, 'rank')})`).join(', '));
  row('started', facts.started === null ? '' : numbers.date(facts.started),
    facts.restarted === null ? '' : `, again ${numbers.date(facts.restarted)}`);
  row('output', facts.output);
  row('version', facts.version ? `Lockstep ${facts.version}` : '');
  section.hidden = rows.length === 0;
  const list = element('dl', 'list', ...rows);
  section.replaceChildren(element('div', 'head', element('h2', '', 'The run')), list);
}

function stepWords(facts, status) {
  if (!status.total_steps || facts.steps_per_epoch === undefined) return '';
  const [total, each] = [status.total_steps, facts.steps_per_epoch];
  const whole = total % each === 0 ? `${numbers.of(total / each, 'epoch')} × ${numbers.of(each, 'step')} = ${numbers.count(total)}`
    : `${numbers.count(total)}, ${(total / each).toFixed(2)} epochs of ${numbers.of(each, 'step')}`;
  return `${whole}, batch ${numbers.count(facts.batch)} in microbatches of ${numbers.count(facts.microbatch)}`;
}

function rankWords(facts, status) {
  if (facts.threads === undefined) return '';
  const kernels = facts.kernels ? `, OpenBLAS kernels ${facts.kernels}` : '';
  const reduction = facts.reduction && status.ranks > 1 ? `, reduction ${facts.reduction}` : '';
  return `${facts.ranks} × ${numbers.of(facts.threads, 'thread')}, ${facts.precision}${kernels}${reduction}`;
}

// The command and the recipe, to be looked at and copied.
function showRecipe(section, facts, recipe) {
  section.hidden = !facts.command && !recipe;
  const parts = [];
  const block = (title, text) => {
    if (!text) return;
    const code = element('pre', '', text);
    code.tabIndex = 0;
    parts.push(element('details', '', element('summary', '', title), code));
  };
  block('Command', facts.command ? (facts.directory ? `cd ${facts.directory}\n` : '') + facts.command : '');
  block('Recipe', recipe);
  if (section.childElementCount !== parts.length) section.replaceChildren(...parts);
}

// How each rank spends its time.
class RankPanel {
  constructor(section) {
    this.section = section;
    this.isWhole = false;
    this.buttons = [['latest', false], ['whole run', true]].map(([name, isWhole]) =>
      button('', name, () => { this.isWhole = isWhole; this.show(this.ranks); }));
    this.rows = element('div', 'rows');
    this.rows.tabIndex = 0;
    this.rows.setAttribute('role', 'list');
    this.rows.setAttribute('aria-label', 'Time of each rank');
    const keys = kindsOfTime.map((kind) => element('span', 'key', element('i', kind), kindWords[kind]));
    section.replaceChildren(
      element('div', 'head', element('h2', '', 'Time of the ranks'),
        element('div', 'side', ...keys, element('span', 'choice', ...this.buttons))),
      this.rows);
  }

  show(ranks) {
    this.ranks = ranks;
    this.section.hidden = ranks.count === 0;
    if (ranks.count === 0) return;
    this.buttons.forEach((one, index) => one.setAttribute('aria-pressed', String((index === 1) === this.isWhole)));
    const shares = this.isWhole ? ranks.whole : ranks.latest;
    this.buttons[0].textContent = `latest ${numbers.count(ranks.latest.steps)} steps`;
    while (this.rows.childElementCount > ranks.count) this.rows.lastChild.remove();
    for (let rank = 0; rank < ranks.count; rank += 1) this.showRank(rank, shares, ranks.memory[rank]);
  }

  showRank(rank, shares, memory) {
    const row = this.rows.children[rank] || this.rows.appendChild(this.emptyRow(rank));
    const seconds = kindsOfTime.map((kind) => shares[kind][rank]);
    const sum = seconds.reduce((total, one) => total + one, 0) || 1;
    const words = kindsOfTime.map((kind, index) => `${kindWords[kind]} ${(100 * seconds[index] / sum).toFixed(1)} %`).join(', ');
    const stack = row.querySelector('.stack');
    stack.title = words;
    stack.setAttribute('aria-label', `rank ${rank}: ${words}`);
    [...stack.children].forEach((part, index) => { part.style.width = `${100 * seconds[index] / sum}%`; });
    const busy = (seconds[0] + seconds[1]) / Math.max(1, shares.steps);
    row.querySelector('.busy').replaceChildren(numbers.moment(busy), ' ', element('small', '', 'a step'));
    row.querySelector('.memory').textContent = memory === undefined ? '' : numbers.bytes(memory);
  }

  emptyRow(rank) {
    const stack = element('div', 'stack', ...kindsOfTime.map((kind) => element('div', kind)));
    stack.setAttribute('role', 'img');
    const row = element('div', 'rank', element('span', 'name', `rank ${rank}`), stack, element('span', 'number busy'),
      element('span', 'number memory'));
    row.setAttribute('role', 'listitem');
    row.querySelector('.busy').title = 'Own work: data and compute';
    row.querySelector('.memory').title = 'The most memory it ever held';
    return row;
  }
}

const eventWords = {
  began: (event, status) => `Training began${status.total_steps ? `; ${numbers.of(status.total_steps, 'step')} planned` : ''}`,
  resumed: (event) => `Training continued from the checkpoint of step ${numbers.count(event.step)}`,
  checkpoint: (event) => (event.count > 1
    ? `${numbers.count(event.count)} checkpoints written, of steps ${numbers.count(event.first)} to ${numbers.count(event.step)}`
    : `Checkpoint of step ${numbers.count(event.step)} written`),
  warning: (event) => numbers.capital(event.text), ended: () => 'Training ended', launch: (event) => `The supervisor: ${event.text}`,
  failed: (event) => `Failed: ${event.text}`,
};

// Checkpoints without anything else between them are one event.
function gathered(events) {
  const rows = [];
  for (const event of events) {
    const last = rows[rows.length - 1];
    if (event.kind === 'checkpoint' && last?.kind === 'checkpoint') {
      Object.assign(last, { step: event.step, time: event.time, count: last.count + 1 });
    } else {
      rows.push({ ...event, count: 1, first: event.step });
    }
  }
  return rows;
}

function eventRow(event, status) {
  const time = element('time', '', event.time === null ? '' : numbers.clock(event.time));
  if (event.time !== null) {
    time.title = numbers.date(event.time);
    time.dateTime = new Date(event.time * 1000).toISOString();
  }
  const words = (eventWords[event.kind] || (() => event.text))(event, status);
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
  if (status.agreed_step !== null) fact('all ranks held the same weights after step', numbers.count(status.agreed_step));
  if (status.skipped > 0) fact('skipped updates', numbers.count(status.skipped));
  if (status.broken_step !== null) fact('the loss was not a number at step', numbers.count(status.broken_step));
  section.hidden = events.length + facts.length === 0;
  const place = section.querySelector('.happened')?.scrollTop || 0;
  const list = element('ul', 'happened', ...gathered(events).slice(-100).reverse().map((event) => eventRow(event, status)));
  list.tabIndex = 0;
  list.setAttribute('aria-label', 'Events, the latest first');
  section.replaceChildren(element('div', 'head', element('h2', '', 'What happened')), element('p', 'facts', ...facts), list);
  list.scrollTop = place;
}

const stateWords = {
  waiting: 'waiting for the first step', running: 'running', finished: 'finished', failed: 'failed',
  quiet: (status) => `quiet for ${numbers.seconds(status.silence)}`,
};

function stateText(status) {
  const words = stateWords[status.state];
  return typeof words === 'function' ? words(status) : words || status.state;
}

function chooseTheme(control) {
  const root = document.documentElement;
  if (kept.read('theme')) root.dataset.theme = kept.read('theme');
  control.addEventListener('click', () => {
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    kept.write('theme', root.dataset.theme);
  });
}
