// What the compiler accepts: a command reads only the arguments and options that it declares, by their kind.
import { expect, test } from 'vitest';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  numberOption,
  type OptionSpec,
  textOption,
  textsOption,
} from './command.ts';

const options = {
  raw: { type: 'boolean', summary: 'A flag' },
  limit: { type: 'string', summary: 'A text' },
  tag: { type: 'string', multiple: true, summary: 'A list' },
} as const;
const declared = {
  name: 'a command',
  summary: 'For this test',
  args: ['server', 'path?', 'word?...'],
  options,
} as const;

const none = async () => {};
const readsRaw = async (context: Context & Flags<'raw'>) => void isSet(context, 'raw');
const readsServer = async (context: Context & Args<'server'>) => void arg(context, 'server');

test('a command is what it declares', () => {
  const made: Command = command({ ...declared, run: none });
  expect(made).toEqual({ ...declared, run: none });
});

test('declared arguments and options compile, others do not', () => {
  command({
    ...declared,
    run: async (context) => {
      arg(context, 'server');
      context.args.path satisfies string | undefined;
      isSet(context, 'raw');
      textOption(context, 'limit');
      numberOption(context, 'limit', 1, 2);
      textsOption(context, 'tag');
      // @ts-expect-error: not declared
      isSet(context, 'rwa');
      // @ts-expect-error: not declared
      textOption(context, 'agent');
      // @ts-expect-error: not declared
      arg(context, 'agent');
      // @ts-expect-error: not declared
      void context.args.agent;
      // @ts-expect-error: the words of a repeated argument are the rest
      arg(context, 'word');
    },
  });
  command({
    name: 'a command without arguments and options',
    summary: 'For this test',
    run: async (context) => {
      // @ts-expect-error: not declared
      isSet(context, 'raw');
      // @ts-expect-error: not declared
      arg(context, 'server');
    },
  });
});

test('an option of another kind does not compile', () => {
  command({
    ...declared,
    run: async (context) => {
      // @ts-expect-error: a flag
      textOption(context, 'raw');
      // @ts-expect-error: a text
      isSet(context, 'limit');
      // @ts-expect-error: a text
      textsOption(context, 'limit');
      // @ts-expect-error: a list
      textOption(context, 'tag');
    },
  });
});

test('a shared function takes every command that declares what it needs, and no other', () => {
  const { name, summary } = declared;
  command({ ...declared, run: readsRaw });
  command({ ...declared, run: readsServer });
  // @ts-expect-error: no option
  command({ name, summary, args: ['server'], run: readsRaw });
  // @ts-expect-error: another option
  command({ name, summary, options: { limit: options.limit }, run: readsRaw });
  // @ts-expect-error: no argument
  command({ name, summary, options, run: readsServer });
  // @ts-expect-error: only command() checks the declaration
  const unchecked: Command = { ...declared, run: readsRaw };
  expect(unchecked.name).toBe(name);
});

test('specs whose names or kinds the compiler does not know cannot be read', () => {
  const { name, summary } = declared;
  const wide: Record<string, OptionSpec> = options;
  const wideKind: OptionSpec = options.raw;
  const words: string[] = ['server'];
  // @ts-expect-error: any name
  command({ name, summary, options: wide, run: readsRaw });
  // @ts-expect-error: any kind
  command({ name, summary, options: { raw: wideKind }, run: readsRaw });
  // @ts-expect-error: any name
  command({ name, summary, args: words, run: readsServer });
});
