'use strict';

// Numbers as people read them.
const numbers = {
  // Four digits, and no long rows of zeros.
  figure(value) {
    if (value === null || value === undefined || !Number.isFinite(value)) return '–';
    const size = Math.abs(value);
    if (size === 0) return '0';
    if (size < 1e-3 || size >= 1e7) return value.toExponential(2).replace('e+', 'e').replace(/\.?0+e/, 'e');
    if (size >= 1000) return Math.round(value).toLocaleString('en');
    return value.toPrecision(4);
  },

  // A label at an axis, where the ticks are `step` apart.
  tick(value, step) {
    const size = Math.abs(value);
    if (size < step / 1e6) return '0';
    if (size >= 1e6) return trimmed(value / 1e6) + 'M';
    if (size >= 1e4) return trimmed(value / 1e3) + 'k';
    if (size < 1e-3) return trimmed(value, 'e');
    return String(Number(value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))));
  },

  count(value) { return value === null || value === undefined ? '–' : value.toLocaleString('en'); },

  seconds(value) {
    if (value === null || value === undefined) return '–';
    if (value < 60) return `${Math.max(0, Math.round(value))} s`;
    const minutes = Math.round(value / 60);
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  },

  // A short while, as a step takes it.
  moment(value) {
    if (value === null || value === undefined || !Number.isFinite(value)) return '–';
    if (value < 1e-3) return `${(value * 1e6).toPrecision(3)} µs`;
    if (value < 1) return `${Number((value * 1e3).toPrecision(3))} ms`;
    return `${Number(value.toPrecision(3))} s`;
  },

  bytes(value) {
    if (!Number.isFinite(value)) return '–';
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
    return `${value >= 100 || unit === 0 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`;
  },

  // A name of the metrics file, in words.
  words(name) {
    const known = /\b(f1|roc|auc|rmse|mae|mse|mcrmse|ece|lrap|mrr)\b/g;
    const plain = name.replace(/^terms\./, '').replaceAll('_', ' ').replace(/^r2$/, 'R²');
    return plain.replace(known, (word) => word.toUpperCase())
      .replace(/\b(pearson|spearman|kendall|matthews|brier)\b/g, (word) => this.capital(word));
  },

  // The same at the beginning of a line.
  title(name) { return this.capital(this.words(name)); },

  // A value of a recipe: a number in short.
  setting(value) {
    const number = Number(value);
    return value.trim() === '' || !Number.isFinite(number) ? value : Math.abs(number) < 1e-3 && number !== 0
      ? number.toExponential(3).replace(/\.?0+e/, 'e') : String(Number(number.toPrecision(4)));
  },

  // A moment in seconds since 1970, with its zone.
  date(seconds) {
    if (!Number.isFinite(seconds)) return '–';
    return new Date(seconds * 1000).toLocaleString('en-GB', {
      day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
    });
  },

  // The same in short: the time of a day, and the day unless it is today.
  clock(seconds) {
    const moment = new Date(seconds * 1000);
    const time = moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
    if (moment.toDateString() === new Date().toDateString()) return time;
    return `${moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time.slice(0, 5)}`;
  },

  // A number and what it counts.
  of(count, one, many = `${one}s`) { return `${this.count(count)} ${count === 1 ? one : many}`; },

  capital(text) { return text.charAt(0).toUpperCase() + text.slice(1); },

  // A score's name as the metrics file has it, with the class that it is of.
  metric(name, positive) { return positive ? `${name} of ${positive}` : name; },

  // Round numbers between two values, about `count` of them.
  ticks(least, greatest, count) {
    const span = greatest - least;
    if (!(span > 0)) return { step: 1, values: [least] };
    const power = 10 ** Math.floor(Math.log10(span / count));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= count) || 10 * power;
    const values = [];
    for (let value = Math.ceil(least / step - 1e-9) * step; value <= greatest + step * 1e-9; value += step) values.push(value);
    return { step, values };
  },
};

function trimmed(value, form) {
  return form === 'e' ? value.toExponential(1).replace('.0e', 'e') : String(Number(value.toPrecision(3)));
}
