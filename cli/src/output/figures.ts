// Formats numbers and money the same in every locale.

/** `12,345`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** US dollars, small sums with more digits: `$12.30`, `$0.0042`. */
export function money(usd: number): string {
  return `$${usd === 0 || usd >= 1 ? usd.toFixed(2) : usd.toFixed(4)}`;
}
