'use strict';

// Curves over steps as SVG: axes, epochs, marks, lines, and the line under which values are read.
class Drawing {
  get first() { return view.zoom ? view.zoom[0] : 0; }

  get last() { return view.zoom ? Math.min(view.zoom[1], Math.max(this.end, view.zoom[0] + 1)) : this.end; }

  draw() {
    const width = this.svg.clientWidth;
    const height = this.svg.clientHeight;
    if (width === 0) return;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    this.visible = this.shown.map((one) => ({ ...one, points: this.within(one.points) }));
    const range = this.range();
    if (!range) {
      this.scale = null;
      const words = this.series.some((one) => one.points.length > 0) ? 'nothing to show here' : 'nothing yet';
      this.svg.append(shape('text', { x: width / 2, y: height / 2, class: 'empty' }, words));
      this.point();
      return;
    }
    const ticks = this.valueTicks(range, height);
    const labels = ticks.values.map((value) => numbers.tick(value, ticks.step));
    const left = Math.max(38, 10 + 6.4 * Math.max(...labels.map((label) => label.length)));
    this.scale = this.makeScale(range, left, width - 10, 22, height - 36);
    this.drawAxes(ticks, labels);
    this.drawEpochs();
    const { right, top, bottom } = this.scale;
    // An image in the image ends at its edges, and so do the curves of the steps that are shown.
    const edges = { x: left - 3, y: top - 4, width: right - left + 6, height: bottom - top + 8 };
    const lines = shape('svg', { ...edges, viewBox: `${edges.x} ${edges.y} ${edges.width} ${edges.height}` });
    this.svg.append(lines);
    for (const one of this.visible) this.drawSeries(one, lines);
    this.drawMarks(lines);
    this.crossing = shape('g', { visibility: 'hidden' });
    this.svg.append(this.crossing);
    this.svg.setAttribute('aria-label', this.words());
    Object.assign(this.reader, { min: Math.floor(this.first), max: Math.ceil(this.last) });
    this.point();
  }

  // The points of the steps that are shown, and one on each side of them.
  within(points) {
    if (!view.zoom || points.length === 0) return points;
    const [first, last] = [this.first, this.last];
    let from = points.findIndex((point) => point.x >= first);
    if (from < 0) return [];
    let to = points.findIndex((point) => point.x > last);
    if (to < 0) to = points.length - 1;
    from = Math.max(0, from - 1);
    return points.slice(from, to + 1);
  }

  range() {
    let [least, greatest] = [Infinity, -Infinity];
    for (const { points } of this.visible) {
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
    const count = Math.max(2, Math.floor(height / 42));
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
    return chosen.length > 0 ? { step: Math.min(...chosen), values: chosen } : { step: least, values: [least] };
  }

  makeScale([least, greatest], left, right, top, bottom) {
    const bend = this.isLogarithmic ? Math.log : (value) => value;
    const [low, high] = [bend(least), bend(greatest)];
    const [first, length] = [this.first, Math.max(1e-9, this.last - this.first)];
    return {
      left, right, top, bottom,
      x: (step) => left + ((step - first) / length) * (right - left),
      y: (value) => bottom - ((bend(Math.max(value, this.isLogarithmic ? least : -Infinity)) - low) / (high - low)) * (bottom - top),
    };
  }

  drawAxes(ticks, labels) {
    const { x, y, left, right, bottom } = this.scale;
    ticks.values.forEach((value, index) => {
      const height = Math.round(y(value)) + 0.5;
      this.svg.append(shape('line', { x1: left, x2: right, y1: height, y2: height, class: 'rule' }));
      this.svg.append(shape('text', { x: left - 6, y: height + 3.5, 'text-anchor': 'end' }, labels[index]));
    });
    const steps = numbers.ticks(this.first, this.last, Math.max(2, Math.floor((right - left) / 80)));
    for (const step of steps.values.filter((value) => Number.isInteger(value))) {
      const place = x(step);
      const anchor = place > right - 14 ? 'end' : place < left + 14 ? 'start' : 'middle';
      this.svg.append(shape('line', { x1: place, x2: place, y1: bottom, y2: bottom + 4, class: 'rule' }));
      this.svg.append(shape('text', { x: place, y: bottom + 16, 'text-anchor': anchor }, numbers.tick(step, steps.step)));
    }
    this.svg.append(shape('text', { x: (left + right) / 2, y: bottom + 32, 'text-anchor': 'middle', class: 'axis' }, 'step'));
    this.svg.append(shape('text', { x: 0, y: 11, class: 'axis' }, this.axis));
  }

  // A line where each epoch begins, and as many numbers as there is room for.
  drawEpochs() {
    const { x, left, right, top, bottom } = this.scale;
    const inside = this.epochs.map(({ x: step, number }) => ({ place: x(step), number }))
      .filter(({ place }) => place > left + 1 && place < right);
    if (inside.length > (right - left) / 6) return;
    let free = 12 + 6.2 * this.axis.length;
    for (const { place, number } of inside) {
      this.svg.append(shape('line', { x1: place, x2: place, y1: top - 6, y2: bottom, class: 'epoch' }));
      const words = `epoch ${number}`;
      const half = 3.1 * words.length;
      if (place - half < free || place + half > right + 10) continue;
      this.svg.append(shape('text', { x: place, y: 11, 'text-anchor': 'middle' }, words));
      free = place + half + 10;
    }
  }

  drawMarks(lines) {
    const { x, left, right, top, bottom } = this.scale;
    for (const { x: step, kind, words } of this.marks) {
      const place = x(step);
      if (place < left - 1 || place > right + 1) continue;
      if (kind === 'checkpoint') {
        lines.append(shape('path', { d: `M${place - 3} ${bottom}L${place + 3} ${bottom}L${place} ${bottom - 5}Z`, class: 'checkpoint' },
          shape('title', {}, words)));
        continue;
      }
      lines.append(shape('line', { x1: place, x2: place, y1: top, y2: bottom, class: `mark ${kind}` }, shape('title', {}, words)));
      if (kind !== 'best') continue;
      const isLate = place > (left + right) / 2;
      this.svg.append(shape('text', { x: place + (isLate ? -6 : 6), y: top + 11, 'text-anchor': isLate ? 'end' : 'start', class: 'flag' }, words));
    }
  }

  drawSeries({ points, color, isSmooth, isDashed, hasDots }, lines) {
    if (points.length === 0) return;
    const { x, y } = this.scale;
    const draw = (values) => values.map(([step, value], index) =>
      `${index ? 'L' : 'M'}${Math.round(10 * x(step)) / 10} ${Math.round(10 * y(value)) / 10}`).join('');
    const means = points.map((point) => [point.x, point.mean]);
    if (this.visible.length <= 3 && points.some((point) => point.least < point.greatest)) {
      const upper = draw(points.map((point) => [point.x, point.greatest]));
      const lower = draw(points.map((point) => [point.x, point.least]).reverse()).replace('M', 'L');
      lines.append(shape('path', { d: `${upper}${lower}Z`, class: `band f${color}` }));
    }
    const isSmoothed = isSmooth && view.smoothing > 0 && points.length > 20;
    // Beyond a few, rough lines would hide the smooth ones.
    if (isSmoothed && this.visible.length <= 3) lines.append(shape('path', { d: draw(means), class: `raw s${color}` }));
    const dashes = isDashed ? ' dashed' : '';
    lines.append(shape('path', { d: draw(isSmoothed ? smoothed(means, view.smoothing) : means), class: `line s${color}${dashes}` }));
    if (hasDots !== false && points.length <= (hasDots ? 120 : 40)) {
      for (const [step, value] of means) lines.append(shape('circle', { cx: x(step), cy: y(value), r: 2.6, class: `f${color}` }));
    }
  }

  valueAt(points, step) { return step === null ? points[points.length - 1] : nearest(points, step); }

  drawCrossing(step) {
    const { x, y, left, right, top, bottom } = this.scale;
    const place = step === null ? -1 : x(Math.min(this.last, Math.max(this.first, step)));
    const isVisible = place >= left - 1 && place <= right + 1;
    this.crossing.setAttribute('visibility', isVisible ? 'visible' : 'hidden');
    this.tip.hidden = !isVisible || !this.isUnder;
    if (!isVisible) return;
    this.crossing.replaceChildren(shape('line', { x1: place, x2: place, y1: top, y2: bottom, class: 'cross' }));
    const rows = [];
    for (const { name, color, points } of this.visible) {
      const found = this.valueAt(points, step);
      if (!found) continue;
      this.crossing.append(shape('circle', { cx: x(found.x), cy: y(found.mean), r: 3.5, class: `ring s${color}` }));
      rows.push(element('span', 'key', element('i', `f${color}`), name, element('b', '', this.format(found.mean))));
    }
    if (this.tip.hidden) return;
    this.tip.replaceChildren(element('b', '', `step ${numbers.count(Math.round(step))}`), ...rows.slice(0, 12));
    const isLate = place > (left + right) / 2;
    this.tip.style.left = isLate ? '' : `${place + 12}px`;
    this.tip.style.right = isLate ? `${this.svg.clientWidth - place + 12}px` : '';
  }

  showSelection() {
    const [from, to] = [this.start, view.step].sort((one, other) => one - other).map((step) => this.scale.x(step));
    this.selection?.remove();
    this.selection = shape('rect', {
      x: from, width: to - from, y: this.scale.top, height: this.scale.bottom - this.scale.top, class: 'selection',
    });
    this.svg.append(this.selection);
  }
}

// An exponential mean with its weights made right at the beginning; at 100 its memory is a fifth of the curve, at 35 a fortieth.
function smoothed(values, strength) {
  const memory = (values.length * (strength / 100) ** 2) / 5;
  const keep = memory / (1 + memory);
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

// The server's [step, value] as points.
function scorePoints(rows) { return rows.map(([x, mean]) => ({ x, mean, least: mean, greatest: mean })); }
