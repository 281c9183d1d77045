// Types for the used part of semver, which has none.
declare module 'semver' {
  type Options = { loose?: boolean };
  namespace semver {
    /** A version that was read. */
    type SemVer = { version: string };
  }
  const semver: {
    /** null for a text that is no version. */
    valid(version: string, options?: Options): string | null;
    parse(version: string, options?: Options): semver.SemVer | null;
    /** null for a text that is no range. */
    validRange(range: string, options?: Options): string | null;
    /** Throws for a text that is no range. */
    Range: new (
      range: string,
      options?: Options,
    ) => { test(version: semver.SemVer): boolean };
    satisfies(version: string, range: string, options?: Options): boolean;
    rcompare(one: semver.SemVer, other: semver.SemVer, options?: Options): number;
  };
  export = semver;
}
