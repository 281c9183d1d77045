// Formats ages and sizes for people.

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** `3 h ago`; `-` for null. @param now milliseconds since the epoch */
export function ago(time: string | null, now: number): string {
  if (time === null) return '-';
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  for (const [name, size] of units) if (seconds >= size) return `${Math.floor(seconds / size)} ${name} ago`;
  return `${seconds} s ago`;
}

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.5 GiB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < sizes.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${sizes[unit]}`;
}
