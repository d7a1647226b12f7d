'use strict';

// The runs of a folder: a list of them, and several in one chart, live.

const folder = { runs: new Map(), colors: new Map(), hidden: new Set(), settings: [], order: ['started', false], metric: null };
const table = document.getElementById('runs');
const loss = new Chart('Training loss', { axis: 'loss', canBeLogarithmic: true, level: 'h2' });
const scores = new Chart('Validation', { axis: 'score', level: 'h2' });
const choice = element('select', 'metric');
choice.setAttribute('aria-label', 'Metric of the validation rows');
choice.addEventListener('change', () => { folder.metric = choice.value; draw(); });
loss.isBare = scores.isBare = true;
document.getElementById('charts').classList.add('tall-charts');
scores.side.prepend(choice);
document.getElementById('tools').append(chartTools());
document.getElementById('charts').append(loss.card, scores.card);

function take(news) {
  folder.settings = news.settings;
  folder.name = news.name;
  folder.leftOut = news.left_out;
  const seen = new Set();
  for (const one of news.runs) {
    const old = folder.runs.get(one.id) || { generation: -1, width: 0, points: [], scores: [] };
    const isNew = old.generation !== one.generation || old.width !== one.width;
    const points = isNew ? [] : old.points;
    const start = points.findIndex((point) => point.index >= one.from);
    if (start >= 0) points.length = start;
    points.push(...pointsOf(one.loss, one.width));
    folder.runs.set(one.id, { ...one, points, scores: one.scores || (isNew ? [] : old.scores) });
    if (!folder.colors.has(one.id)) folder.colors.set(one.id, folder.colors.size % 8);
    seen.add(one.id);
  }
  for (const id of folder.runs.keys()) if (!seen.has(id)) folder.runs.delete(id);
}

// The metrics of all runs, that of the most runs first.
function metrics() {
  const counts = new Map();
  for (const { scores: own, status } of folder.runs.values()) {
    for (const metric of new Set(own.map((score) => score.metric))) {
      counts.set(metric, (counts.get(metric) || 0) + (status.best?.metric === metric ? 1.5 : 1));
    }
  }
  return [...counts].sort((one, other) => other[1] - one[1]).map(([metric]) => metric);
}

function draw() {
  const runs = [...folder.runs.values()];
  document.getElementById('name').textContent = folder.name;
  document.title = `${folder.name} · ${numbers.of(runs.length, 'run')} · Lockstep`;
  const running = runs.filter(({ status }) => status.state === 'running').length;
  const pill = document.getElementById('state');
  const words = running > 0 ? `${running} running` : numbers.of(runs.length, 'run');
  if (pill.textContent !== words) pill.textContent = words;
  pill.className = `pill ${running > 0 ? 'running' : 'finished'}`;
  drawCharts(runs);
  drawTable(runs);
  document.getElementById('note').textContent = folder.leftOut > 0 ? `the latest ${runs.length}; ${folder.leftOut} older are left out` : '';
}

function drawCharts(runs) {
  const shown = runs.filter(({ id }) => !folder.hidden.has(id));
  const end = Math.max(1, ...shown.map(({ status }) => status.step));
  const all = metrics();
  if (!all.includes(folder.metric)) folder.metric = all.find((metric) => metric !== 'loss') || all[0] || null;
  if ([...choice.options].map(({ value }) => value).join() !== all.join()) {
    choice.replaceChildren(...all.map((metric) => new Option(numbers.title(metric), metric)));
  }
  choice.hidden = all.length < 2;
  if (folder.metric) choice.value = folder.metric;
  const isCrowded = shown.length > 4;
  loss.show(shown.map(({ id, name, points }) => ({ name, color: folder.colors.get(id), points, isSmooth: true, hasDots: false })), end);
  scores.axis = folder.metric ? numbers.words(folder.metric) : 'score';
  scores.heading.textContent = folder.metric ? `Validation ${scores.axis}` : 'Validation';
  scores.title = scores.heading.textContent;
  const lines = shown.flatMap(({ id, name, scores: own }) => own.filter(({ metric }) => metric === folder.metric).map(({ weights, points }) => ({
    name: weights === 'raw' ? name : `${name}, ${weights.toUpperCase()}`, color: folder.colors.get(id), isDashed: weights !== 'raw',
    points: scorePoints(points), isSmooth: false, hasDots: !isCrowded,
  })));
  scores.show(lines, end);
}

const columns = [
  { key: 'name', title: 'run', value: (run) => run.name },
  { key: 'state', title: 'state', value: (run) => run.status.state },
  { key: 'best', title: 'best', value: (run) => run.status.best?.value ?? -Infinity, isNumber: true },
  { key: 'loss', title: 'training loss', value: (run) => run.status.latest[0] ?? Infinity, isNumber: true },
  { key: 'steps', title: 'steps', value: (run) => run.status.step, isNumber: true },
  { key: 'time', title: 'time', value: (run) => run.status.elapsed ?? 0, isNumber: true },
  { key: 'started', title: 'started', value: (run) => run.started ?? 0, isNumber: true },
  { key: 'size', title: 'size', value: (run) => run.size, isNumber: true },
];

function sorted(runs) {
  const [key, isRising] = folder.order;
  const { value } = columns.find((column) => column.key === key);
  const sign = isRising ? 1 : -1;
  return [...runs].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    return sign * (a < b ? -1 : a > b ? 1 : 0);
  });
}

function drawTable(runs) {
  const shown = sorted(runs);
  // The list is made anew where its rows or columns are others, and filled where they are the same.
  const signature = JSON.stringify([shown.map(({ id }) => id), folder.settings, folder.order]);
  if (table.dataset.signature !== signature) {
    const focused = document.activeElement?.dataset?.focus;
    table.dataset.signature = signature;
    table.replaceChildren(element('thead', '', heading()), element('tbody', '', ...shown.map(emptyRow)));
    if (focused) table.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }
  shown.forEach((run, index) => fill(table.tBodies[0].rows[index], run));
}

function heading() {
  const cells = columns.map(({ key, title, isNumber }) => {
    const [order, isRising] = folder.order;
    const sort = button('sort', title + (order === key ? (isRising ? ' ↑' : ' ↓') : ''), () => {
      folder.order = [key, order === key ? !isRising : !isNumber];
      draw();
    });
    sort.dataset.focus = `sort ${key}`;
    const cell = element('th', isNumber ? 'number' : '', sort);
    cell.scope = 'col';
    if (order === key) cell.setAttribute('aria-sort', isRising ? 'ascending' : 'descending');
    return cell;
  });
  const settings = folder.settings.length > 0 ? [element('th', '', 'recipe, where it differs')] : [];
  for (const cell of settings) cell.scope = 'col';
  return element('tr', '', ...cells, ...settings);
}

function emptyRow({ id, name }) {
  const box = element('input');
  Object.assign(box, { type: 'checkbox', checked: !folder.hidden.has(id) });
  box.setAttribute('aria-label', `Show ${name} in the charts`);
  box.dataset.focus = `box ${id}`;
  box.addEventListener('change', () => {
    if (box.checked) folder.hidden.delete(id); else folder.hidden.add(id);
    draw();
  });
  const link = element('a', '', name);
  link.href = `?run=${encodeURIComponent(id)}`;
  link.dataset.focus = `link ${id}`;
  const first = element('th', 'run', element('span', '', box, element('i', `f${folder.colors.get(id)}`), link));
  first.scope = 'row';
  const cells = columns.slice(1).map(({ title, isNumber }) => {
    const cell = element('td', isNumber ? 'number' : '');
    cell.dataset.label = title;
    return cell;
  });
  const settings = folder.settings.length > 0 ? [element('td', 'settings')] : [];
  return element('tr', '', first, ...cells, ...settings);
}

function fill(row, run) {
  const { status } = run;
  const best = status.best ? `${numbers.figure(status.best.value)} ${numbers.metric(numbers.words(status.best.metric), status.best.positive)}` : '–';
  const total = status.total_steps ? ` of ${numbers.count(status.total_steps)}` : '';
  const texts = ['', '', best, numbers.figure(status.latest[0]), `${numbers.count(status.step)}${total}`,
    numbers.seconds(status.elapsed), run.started ? numbers.clock(run.started) : '–', numbers.bytes(run.size)];
  const pill = row.cells[1].firstChild || row.cells[1].appendChild(element('span', 'pill'));
  const words = stateText(status);
  if (pill.textContent !== words) pill.textContent = words;
  pill.className = `pill ${status.state}`;
  if (status.failure) pill.title = status.failure;
  texts.slice(2).forEach((text, index) => {
    const cell = row.cells[index + 2];
    if (cell.textContent !== text) cell.textContent = text;
  });
  row.cells[6].title = run.started ? numbers.date(run.started) : '';
  if (folder.settings.length === 0) return;
  const own = folder.settings.map((key, index) => [key, run.settings[index]]).filter(([, value]) => value !== null);
  const text = own.map(([key, value]) => `${key} ${value}`).join(', ');
  const cell = row.cells[columns.length];
  if (cell.dataset.text === text) return;
  cell.dataset.text = text;
  cell.replaceChildren(...own.map(([key, value]) => element('span', 'setting', `${key} `, element('b', '', numbers.setting(value)))));
}

function follow() {
  const source = new EventSource(`events?points=${folder.points || 400}`);
  source.addEventListener('runs', (event) => {
    take(JSON.parse(event.data));
    if (document.hidden && folder.isDrawn) return;
    draw();
    if (!folder.isDrawn) requestAnimationFrame(() => performance.mark('first drawing'));
    folder.isDrawn = true;
  });
  source.addEventListener('error', () => {
    document.getElementById('state').textContent = 'connection lost, trying again';
    document.getElementById('state').className = 'pill lost';
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden && folder.isDrawn) draw(); });
}

chooseTheme(document.getElementById('theme'));
follow();
