// Types for the used part of semver, which has none.
declare module 'semver' {
  type Options = { loose?: boolean };
  const semver: {
    /** null for a text that is no version. */
    valid(version: string, options?: Options): string | null;
    /** null for a text that is no range. */
    validRange(range: string, options?: Options): string | null;
    satisfies(version: string, range: string, options?: Options): boolean;
    rcompare(one: string, other: string, options?: Options): number;
  };
  export = semver;
}
