'use strict';

// Curves over steps, drawn as SVG. Every text goes in as text, never as markup.

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function shape(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// The step under the pointer, for all charts together.
const cursor = {
  step: null,
  charts: new Set(),
  move(step) {
    this.step = step;
    for (const chart of this.charts) chart.point();
  },
};

// A series: {name, color, points: [{x, mean, least, greatest}], isSmooth}; points in the order of x.
class Chart {
  constructor(title, { canBeLogarithmic = false, format = numbers.figure } = {}) {
    this.format = format;
    this.series = [];
    this.marks = [];
    this.end = 1;
    this.isLogarithmic = false;
    this.side = element('div', 'side');
    this.svg = shape('svg', { class: 'chart', role: 'img', 'aria-label': title });
    this.card = element('div', 'card', element('div', 'head', element('h2', '', title), this.side), this.svg);
    if (canBeLogarithmic) this.side.append(this.logarithmButton());
    this.keys = element('div', 'side');
    this.side.prepend(this.keys);
    this.listen();
    cursor.charts.add(this);
  }

  logarithmButton() {
    const button = element('button', 'tool', 'log');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'false');
    button.title = 'Logarithmic scale';
    button.addEventListener('click', () => {
      this.isLogarithmic = !this.isLogarithmic;
      button.setAttribute('aria-pressed', String(this.isLogarithmic));
      this.draw();
    });
    return button;
  }

  listen() {
    new ResizeObserver(() => this.draw()).observe(this.svg);
    this.svg.addEventListener('pointermove', (event) => {
      if (!this.scale) return;
      const box = this.svg.getBoundingClientRect();
      const { left, right } = this.scale;
      const share = (event.clientX - box.left - left) / (right - left);
      cursor.move(Math.min(1, Math.max(0, share)) * this.end);
    });
    this.svg.addEventListener('pointerleave', () => cursor.move(null));
  }

  // `end` is the last step of the axis; `marks` are [{x, kind}].
  show(series, end, marks = []) {
    this.series = series;
    this.end = Math.max(1, end);
    this.marks = marks;
    this.draw();
  }

  draw() {
    const width = this.svg.clientWidth;
    const height = this.svg.clientHeight;
    if (width === 0) return;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    const range = this.range();
    if (!range) {
      this.scale = null;
      this.svg.append(shape('text', { x: width / 2, y: height / 2, class: 'empty' }, 'nothing yet'));
      this.showKeys();
      return;
    }
    const ticks = this.valueTicks(range, height);
    const labels = ticks.values.map((value) => numbers.tick(value, ticks.step));
    const left = Math.max(38, 10 + 6.4 * Math.max(...labels.map((label) => label.length)));
    this.scale = this.makeScale(range, left, width - 8, 8, height - 22);
    this.drawAxes(ticks, labels, width);
    for (const mark of this.marks) {
      const x = this.scale.x(mark.x);
      this.svg.append(shape('line', { x1: x, x2: x, y1: 8, y2: height - 22, class: `mark ${mark.kind}` }));
    }
    for (const one of this.series) this.drawSeries(one);
    this.crossing = shape('line', { y1: 8, y2: height - 22, class: 'cross', visibility: 'hidden' });
    this.svg.append(this.crossing);
    this.point();
  }

  range() {
    let [least, greatest] = [Infinity, -Infinity];
    for (const { points } of this.series) {
      for (const point of points) {
        if (!this.isLogarithmic || point.least > 0) least = Math.min(least, point.least);
        greatest = Math.max(greatest, point.greatest);
      }
    }
    if (!(least <= greatest) || (this.isLogarithmic && !(least > 0))) return null;
    if (this.isLogarithmic) return least < greatest ? [least / 1.1, greatest * 1.1] : [least / 2, greatest * 2];
    const margin = least < greatest ? 0.06 * (greatest - least) : Math.abs(least) * 0.5 || 0.5;
    return [least >= 0 && least < margin ? 0 : least - margin, greatest + margin];
  }

  valueTicks([least, greatest], height) {
    const count = Math.max(2, Math.floor(height / 36));
    if (!this.isLogarithmic) return numbers.ticks(least, greatest, count);
    const values = [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.log10(greatest); power += 1) {
      for (const factor of [1, 2, 5]) {
        const value = factor * 10 ** power;
        if (value >= least && value <= greatest) values.push(value);
      }
    }
    const decades = values.filter((value) => Math.abs(Math.log10(value) % 1) < 1e-9);
    const chosen = values.length <= count + 1 ? values : decades.length > 1 ? thinned(decades, count) : thinned(values, count);
    return { step: Math.min(...chosen), values: chosen };
  }

  makeScale([least, greatest], left, right, top, bottom) {
    const bend = this.isLogarithmic ? Math.log : (value) => value;
    const [low, high] = [bend(least), bend(greatest)];
    return {
      left, right, top, bottom,
      x: (step) => left + (step / this.end) * (right - left),
      y: (value) => bottom - ((bend(Math.max(value, this.isLogarithmic ? least : -Infinity)) - low) / (high - low)) * (bottom - top),
    };
  }

  drawAxes(ticks, labels, width) {
    const { x, y, left, right, bottom } = this.scale;
    ticks.values.forEach((value, index) => {
      const height = Math.round(y(value)) + 0.5;
      this.svg.append(shape('line', { x1: left, x2: right, y1: height, y2: height, class: 'rule' }));
      this.svg.append(shape('text', { x: left - 6, y: height + 3.5, 'text-anchor': 'end' }, labels[index]));
    });
    const steps = numbers.ticks(0, this.end, Math.max(2, Math.floor(width / 90)));
    for (const step of steps.values.filter((value) => Number.isInteger(value))) {
      const place = x(step);
      const anchor = place > right - 14 ? 'end' : step === 0 ? 'start' : 'middle';
      this.svg.append(shape('text', { x: place, y: bottom + 16, 'text-anchor': anchor }, numbers.tick(step, steps.step)));
    }
  }

  drawSeries({ points, color, isSmooth }) {
    if (points.length === 0) return;
    const { x, y } = this.scale;
    const draw = (values) => values.map(([step, value], index) =>
      `${index ? 'L' : 'M'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join('');
    const means = points.map((point) => [point.x, point.mean]);
    if (points.some((point) => point.least < point.greatest)) {
      const upper = draw(points.map((point) => [point.x, point.greatest]));
      const lower = draw(points.map((point) => [point.x, point.least]).reverse()).replace('M', 'L');
      this.svg.append(shape('path', { d: `${upper}${lower}Z`, class: `band f${color}` }));
    }
    const isCrowded = isSmooth && points.length > 60;
    if (isCrowded) this.svg.append(shape('path', { d: draw(means), class: `raw s${color}` }));
    this.svg.append(shape('path', { d: draw(isCrowded ? smoothed(means) : means), class: `line s${color}` }));
    if (points.length <= 40) {
      for (const [step, value] of means) this.svg.append(shape('circle', { cx: x(step), cy: y(value), r: 2.4, class: `f${color}` }));
    }
  }

  // Shows the values under the pointer, or the latest.
  point() {
    if (this.scale && this.crossing) {
      this.crossing.setAttribute('visibility', cursor.step === null ? 'hidden' : 'visible');
      const place = this.scale.x(Math.min(this.end, cursor.step || 0));
      this.crossing.setAttribute('x1', place);
      this.crossing.setAttribute('x2', place);
    }
    this.showKeys();
  }

  showKeys() {
    const isAlone = this.series.length === 1;
    const keys = this.series.map(({ name, color, points }) => {
      const found = cursor.step === null ? points[points.length - 1] : nearest(points, cursor.step);
      const swatch = element('i', `f${color}`);
      const value = element('b', '', found ? this.format(found.mean) : '–');
      return isAlone ? element('span', 'key', value) : element('span', 'key', swatch, name, value);
    });
    if (cursor.step !== null) keys.unshift(element('span', 'key', `step ${numbers.count(Math.round(cursor.step))}`));
    this.keys.replaceChildren(...keys);
  }
}

// An exponential mean with its weights made right at the beginning; its memory is a fortieth of the curve.
function smoothed(values) {
  const keep = 1 - 1 / Math.max(2, values.length / 40);
  let [sum, weight] = [0, 0];
  return values.map(([step, value]) => {
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return [step, sum / weight];
  });
}

function nearest(points, step) {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].x < step) low = middle + 1; else high = middle;
  }
  const before = points[low - 1];
  return before && step - before.x < points[low].x - step ? before : points[low];
}

function thinned(values, count) {
  const every = Math.ceil(values.length / count);
  return values.filter((_, index) => index % every === 0);
}

// The server's [bucket, mean, least, greatest] as points over steps.
function pointsOf(rows, width) {
  return rows.map(([index, mean, least = mean, greatest = mean]) =>
    ({ index, x: index * width + (width - 1) / 2, mean, least, greatest }));
}
