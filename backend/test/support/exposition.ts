// A strict reader of Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), for tests.

export type Sample = { name: string; labels: Record<string, string>; value: number };
export type Family = { name: string; type: string; help: string; samples: Sample[] };

const METRIC_NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const sampleLine = new RegExp(`^(${METRIC_NAME})(?:\\{(.*)\\})? (\\S+)$`);
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

/**
 * Reads a whole scrape.
 * @throws Error with the offending line: a sample before its HELP and TYPE or outside its family, a duplicate, a broken
 * label or number, a histogram whose buckets are not cumulative or do not end with its count, a counter below zero
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help: { name: string; text: string } | null = null;
  let family: Family | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === 'HELP') {
      if (families.has(name)) throw new Error(`A family comes twice: ${line}`);
      help = { name, text: rest };
      family = null;
    } else if (word === 'TYPE') {
      if (help?.name !== name) throw new Error(`TYPE does not follow its HELP: ${line}`);
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`An unknown type: ${line}`);
      family = { name, type: rest, help: help.text, samples: [] };
      families.set(name, family);
    } else {
      const sample = parseSample(line);
      if (family === null || !namesOf(family).includes(sample.name))
        throw new Error(`A sample stands away from its family: ${line}`);
      const identity = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(identity)) throw new Error(`A sample comes twice: ${line}`);
      seen.add(identity);
      family.samples.push(sample);
    }
  }
  for (const one of families.values()) check(one);
  return families;
}

/** Samples of one name by their labels, such as `{method="GET"}` → 3. */
export function valuesOf(families: Map<string, Family>, name: string): Map<string, number> {
  const samples = [...families.values()].flatMap((family) => family.samples);
  return new Map(
    samples.filter((sample) => sample.name === name).map(({ labels, value }) => [labelText(labels), value]),
  );
}

export function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.sort().join(',')}}`;
}

function namesOf({ name, type }: Family): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

function parseSample(line: string): Sample {
  const [, name = '', labels, value = ''] = sampleLine.exec(line) ?? [];
  if (name === '') throw new Error(`No sample: ${line}`);
  return {
    name,
    labels: labels === undefined ? {} : parseLabels(labels, line),
    value: parseValue(value, line),
  };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (labelPair.lastIndex = 0; labelPair.lastIndex < text.length; ) {
    const at = labelPair.lastIndex;
    const [pair, name = '', value = ''] = labelPair.exec(text) ?? [];
    if (pair === undefined) throw new Error(`A broken label at ${at}: ${line}`);
    if (name in labels) throw new Error(`A label comes twice: ${line}`);
    labels[name] = value.replace(/\\(["\\n])/g, (_whole, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

/** As Go's ParseFloat, which Prometheus uses: in any case of letters. */
function parseValue(text: string, line: string): number {
  const infinity = /^([+-]?)inf$/i.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) throw new Error(`No number: ${line}`);
  return Number(text);
}

function check(family: Family): void {
  if (family.type === 'counter')
    for (const { value } of family.samples)
      if (!(value >= 0 && Number.isFinite(value))) throw new Error(`${family.name} counts ${value}.`);
  if (family.type === 'histogram') checkHistogram(family);
}

function checkHistogram({ name, samples }: Family): void {
  const series = Map.groupBy(samples, ({ labels: { le: _le, ...rest } }) => labelText(rest));
  for (const [labels, parts] of series) {
    const buckets = parts.filter((sample) => sample.name === `${name}_bucket`);
    const count = parts.find((sample) => sample.name === `${name}_count`)?.value;
    const sum = parts.find((sample) => sample.name === `${name}_sum`)?.value;
    if (count === undefined || sum === undefined) throw new Error(`${name}${labels} has no count or no sum.`);
    let bound = Number.NEGATIVE_INFINITY;
    let below = 0;
    for (const { labels: own, value } of buckets) {
      const le = parseValue(own.le ?? '', `${name}${labelText(own)}`);
      if (!(le > bound)) throw new Error(`${name}${labels}: the bounds of the buckets do not rise.`);
      if (value < below) throw new Error(`${name}${labels}: the buckets are not cumulative.`);
      bound = le;
      below = value;
    }
    if (bound !== Number.POSITIVE_INFINITY || below !== count)
      throw new Error(`${name}${labels}: the last bucket is not "+Inf" with the whole count.`);
  }
}
