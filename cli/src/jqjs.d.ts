// Types for the used part of jqjs, which has none.
declare module '@michaelhomer/jqjs' {
  export function compile(program: string): (input: unknown) => Iterable<unknown>;
}
