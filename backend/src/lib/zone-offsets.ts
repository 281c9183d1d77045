// How far the clocks of a time zone are ahead of UTC, and when that changes.

const DAY_MS = 86_400_000;
/** Zones and days that are kept: people name a few zones, and ask for the next weeks. */
const MAX_FORMATS = 500;
const MAX_DAYS = 20_000;

/** Part of a UTC day in which the clocks do not change, in milliseconds since the epoch; `toMs` is not part of it. */
export type OffsetSpan = { fromMs: number; toMs: number; offsetMs: number };

export type ZoneOffsets = {
  /**
   * The spans of a UTC day, in order.
   * @param zone a name that Intl knows
   * @param day days since the epoch
   */
  ofDay(zone: string, day: number): readonly OffsetSpan[];
};

/** Keeps what it has found: a search over weeks asks for the same days for many windows. */
export function createZoneOffsets(): ZoneOffsets {
  const formats = new Map<string, Intl.DateTimeFormat>();
  const days = new Map<string, readonly OffsetSpan[]>();

  const formatOf = (zone: string): Intl.DateTimeFormat => {
    const known = formats.get(zone);
    if (known !== undefined) return known;
    const format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, hourCycle: 'h23' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(zone, format);
    return format;
  };

  const offsetAt = (format: Intl.DateTimeFormat, ms: number): number => {
    const [day = 1, month = 1, year = 1970, hour = 0, minute = 0, second = 0] = (
      format.format(ms).match(/\d+/g) ?? []
    ).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
  };

  /** No zone has changed its clocks twice on a day. */
  const spansOf = (zone: string, day: number): readonly OffsetSpan[] => {
    const format = formatOf(zone);
    const [fromMs, toMs] = [day * DAY_MS, (day + 1) * DAY_MS];
    const before = offsetAt(format, fromMs);
    const after = offsetAt(format, toMs - 1);
    if (before === after) return [{ fromMs, toMs, offsetMs: before }];
    let [early, late] = [fromMs, toMs - 1];
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2);
      if (offsetAt(format, middle) === before) early = middle;
      else late = middle;
    }
    return [
      { fromMs, toMs: late, offsetMs: before },
      { fromMs: late, toMs, offsetMs: after },
    ];
  };

  return {
    ofDay(zone, day) {
      const key = `${day} ${zone}`;
      const known = days.get(key);
      if (known !== undefined) return known;
      const spans = spansOf(zone, day);
      if (days.size >= MAX_DAYS) days.clear();
      days.set(key, spans);
      return spans;
    },
  };
}
