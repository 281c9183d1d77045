// Reads one cookie from a header: scripts on the same host may have set another one of that name.

/**
 * The value of the cookie of this name; null when there is none. `twice`: there are several, for example one for a deeper path, and
 * nothing tells which one Buoy has set.
 */
export function cookieNamed(header: string | undefined, name: string): string | null | 'twice' {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  if (values.length > 1) return 'twice';
  const [value] = values;
  return value !== undefined && /^[\w-]{1,128}$/.test(value) ? value : null;
}
