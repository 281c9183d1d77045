// Adjusts Telegram's link and button colours to a contrast of at least 4.5:1.
// Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.

const READABLE = 4.5;
/** Hundredths on the way to black or white. */
const STEP = 5;

type Rgb = readonly [number, number, number];

/** @param one and `other` #rrggbb. @returns 1 (the same) to 21 (black on white) */
export function contrastOf(one: string, other: string): number {
  const [light, dark] = [luminance(rgbOf(one)), luminance(rgbOf(other))].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/**
 * @param color #rrggbb
 * @param beside the colours that it must contrast with
 * @returns the nearest shade of it that can be read beside all of them; where there is none, black or white
 */
export function readable(color: string, beside: readonly string[]): string {
  const least = (shade: string) => Math.min(...beside.map((one) => contrastOf(shade, one)));
  const target: Rgb = least('#000000') > least('#ffffff') ? [0, 0, 0] : [255, 255, 255];
  const from = rgbOf(color);
  for (let share = 0; share < 100; share += STEP) {
    const shade = share === 0 ? color : hexOf(mixed(from, target, share));
    if (least(shade) >= READABLE) return shade;
  }
  return hexOf(target);
}

function rgbOf(color: string): Rgb {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) =>
    Number.parseInt(color.slice(start, start + 2), 16),
  );
  return [red, green, blue];
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function mixed(from: Rgb, to: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2) => Math.round(from[index] + ((to[index] - from[index]) * share) / 100);
  return [channel(0), channel(1), channel(2)];
}

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}
