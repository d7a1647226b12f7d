'use strict';

// A card with curves over steps: its title, the names of its curves with their values, and what mouse and keyboard do in it.

// A series: {name, color, points: [{x, mean, least, greatest}], isSmooth, isDashed, hasDots}; points in the order of x.
class Chart extends Drawing {
  constructor(title, { axis = 'value', canBeLogarithmic = false, format = numbers.figure, level = 'h3' } = {}) {
    super();
    Object.assign(this, { title, axis, format, series: [], marks: [], epochs: [], end: 1, isLogarithmic: false });
    this.hidden = new Set();
    this.side = element('div', 'side');
    this.keys = element('div', 'keys');
    this.heading = element(level, '', title);
    this.svg = shape('svg', { class: 'chart', role: 'img', 'aria-label': title });
    this.tip = element('div', 'tip');
    this.tip.setAttribute('aria-hidden', 'true');
    this.reader = this.makeReader();
    if (canBeLogarithmic) this.side.append(this.logarithmButton());
    this.card = element('section', 'card', element('div', 'head', this.heading, this.side), this.keys,
      element('div', 'plot', this.svg, this.reader, this.tip));
    this.card.setAttribute('aria-label', title);
    this.listen();
    view.charts.add(this);
  }

  logarithmButton() {
    const made = button('tool', 'log', () => {
      this.isLogarithmic = !this.isLogarithmic;
      made.setAttribute('aria-pressed', String(this.isLogarithmic));
      this.draw();
    });
    made.setAttribute('aria-pressed', 'false');
    made.setAttribute('aria-label', `Logarithmic scale: ${this.title}`);
    made.title = 'Logarithmic scale';
    return made;
  }

  // A slider over the steps, for the keyboard and for screen readers: the arrows move the line under which values are read.
  makeReader() {
    const reader = element('input', 'reader');
    Object.assign(reader, { type: 'range', min: 0, step: 1, value: 0 });
    reader.setAttribute('aria-label', `${this.title}: step at which to read the values`);
    reader.title = 'Arrows move, + and − zoom, 0 shows all steps';
    reader.addEventListener('input', () => view.point(Number(reader.value)));
    reader.addEventListener('focus', () => { if (this.scale && view.step === null) view.point(Math.round(this.last)); });
    reader.addEventListener('blur', () => view.point(null));
    reader.addEventListener('keydown', (event) => {
      const act = { '+': () => view.scale(0.5), '=': () => view.scale(0.5), '-': () => view.scale(2), 0: () => view.show(null) }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
    return reader;
  }

  stepAt(event) {
    const { left, right } = this.scale;
    const share = (event.clientX - this.svg.getBoundingClientRect().left - left) / (right - left);
    return this.first + Math.min(1, Math.max(0, share)) * (this.last - this.first);
  }

  listen() {
    new ResizeObserver(() => this.draw()).observe(this.svg);
    this.svg.addEventListener('pointermove', (event) => {
      if (!this.scale) return;
      this.isUnder = true;
      view.point(this.stepAt(event));
      if (this.start !== undefined) this.showSelection();
    });
    this.svg.addEventListener('pointerleave', () => {
      this.isUnder = false;
      if (this.start === undefined) view.point(null);
    });
    this.svg.addEventListener('pointerdown', (event) => {
      if (!this.scale || event.pointerType !== 'mouse' || event.button !== 0) return;
      this.start = this.stepAt(event);
      this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener('pointerup', (event) => {
      if (this.start === undefined) return;
      const [from, to] = [this.start, this.stepAt(event)].sort((one, other) => one - other);
      this.start = undefined;
      this.selection?.remove();
      const isWide = (to - from) / (this.last - this.first) > 0.015;
      if (isWide && to - from >= 1) view.show([from, to]);
    });
    this.svg.addEventListener('pointercancel', () => { this.start = undefined; this.selection?.remove(); });
    this.svg.addEventListener('dblclick', () => view.show(null));
  }

  // `end` is the last step of the axis; `marks` are [{x, kind, words}]; `epochs` are [{x, number}].
  show(series, end, { marks = [], epochs = [] } = {}) {
    Object.assign(this, { series, marks, epochs, end: Math.max(1, end) });
    view.end = Math.max(1, ...[...view.charts].map((chart) => chart.end));
    this.draw();
  }

  get shown() { return this.series.filter((one) => !this.hidden.has(one.name)); }

  // Shows the values under the pointer, or the latest.
  point() {
    const step = view.step;
    if (this.scale && this.crossing) this.drawCrossing(step);
    this.showKeys(step);
    if (step !== null) {
      this.reader.value = String(Math.round(step));
      this.reader.setAttribute('aria-valuetext', this.sentence(step));
    }
  }

  showKeys(step) {
    if (this.isBare) return;
    const keys = this.series.map(({ name, color, points, isDashed }) => {
      const found = this.valueAt(points, step);
      const value = element('b', '', found ? this.format(found.mean) : '–');
      const swatch = element('i', `f${color}${isDashed ? ' half' : ''}`);
      if (this.series.length === 1) return element('span', 'key', swatch, name, value);
      const key = this.keyButtons?.get(name) || button('key', '', () => this.toggle(name));
      (this.keyButtons ||= new Map()).set(name, key);
      key.setAttribute('aria-pressed', String(!this.hidden.has(name)));
      key.replaceChildren(swatch, name, value);
      return key;
    });
    const isSame = keys.length === this.keys.children.length && keys.every((key, index) => key === this.keys.children[index]);
    if (!isSame) this.keys.replaceChildren(...keys);
  }

  toggle(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    this.draw();
  }

  // For those who do not see the chart.
  words() {
    const lines = this.shown.filter(({ points }) => points.length > 0).slice(0, 8).map(({ name, points }) => {
      const [start, end] = [points[0], points[points.length - 1]];
      return `${name} from ${this.format(start.mean)} to ${this.format(end.mean)}`;
    });
    return `${this.title}, ${this.axis} over ${numbers.count(Math.round(this.last))} steps: ${lines.join('; ')}`;
  }

  sentence(step) {
    const values = this.visible?.map(({ name, points }) => {
      const found = this.valueAt(points, step);
      return found ? `${name} ${this.format(found.mean)}` : null;
    }).filter((part) => part) || [];
    return `step ${Math.round(step)}: ${values.join(', ')}`;
  }
}
