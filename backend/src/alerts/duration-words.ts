// Lengths of time in the words of an alert.

const UNITS = [
  { name: 'day', seconds: 86_400 },
  { name: 'hour', seconds: 3_600 },
  { name: 'minute', seconds: 60 },
  { name: 'second', seconds: 1 },
] as const;

/** Rounded down to whole units of the largest that fits twice: "47 hours", "2 minutes". */
export function durationWords(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const unit = UNITS.find((one) => seconds >= 2 * one.seconds) ?? UNITS[3];
  const count = Math.floor(seconds / unit.seconds);
  return `${count} ${unit.name}${count === 1 ? '' : 's'}`;
}
