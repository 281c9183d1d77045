import { language } from '@codemirror/language';
import { EditorState, type TransactionSpec } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { MAX_MARKDOWN } from './costly-markdown.ts';
import { markdownUnlessCostly } from './markdown-unless-costly.ts';

const filledWith = (part: string): string => part.repeat(MAX_MARKDOWN / part.length);
const opened = (doc: string) => EditorState.create({ doc, extensions: [markdownUnlessCostly(doc)] });
const isMarkdown = (state: EditorState): boolean => state.facet(language)?.name === 'markdown';
const replacedBy = (state: EditorState, insert: string): TransactionSpec => ({
  changes: { from: 0, to: state.doc.length, insert },
});

/** Milliseconds of this process alone, so that a busy machine makes no difference. */
function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1000;
}
/** Each of these texts takes some 600 ms as Markdown. */
const MAX_MS = 100;

const ordinary = '# About me\n\n- I like *short* answers\n\n```sh\nls\n```\n';

describe.each(['[a](', '![a](', '_a*', '1. ', '[a]("', 'a<?', 'a<!A', 'a<!--', '<ab:'])(
  'a file of nothing but %j',
  (part) => {
    const costly = filledWith(part);

    it('does not hold up the page of a person who opens it', () => {
      expect(processorMs(() => opened(costly))).toBeLessThan(MAX_MS);
    });

    it('does not hold up the page when it comes in place of another one, or is pasted', () => {
      const state = opened(ordinary);
      let next = state;
      expect(
        processorMs(() => {
          next = state.update(replacedBy(state, costly)).state;
        }),
      ).toBeLessThan(MAX_MS);
      expect(next.doc.toString()).toBe(costly);
      expect(isMarkdown(next)).toBe(false);
    });

    it('does not hold up the page while it is shortened, nor when it is replaced: then the rest is Markdown again', () => {
      let state = opened(costly);
      const change = (spec: TransactionSpec): number =>
        processorMs(() => {
          state = state.update(spec).state;
        });
      expect(change({ changes: { from: 0, to: 1 } })).toBeLessThan(MAX_MS);
      expect(isMarkdown(state)).toBe(false);
      expect(change(replacedBy(state, ordinary))).toBeLessThan(MAX_MS);
      expect(change({ selection: { anchor: 1 } })).toBeLessThan(MAX_MS);
      expect(isMarkdown(state)).toBe(true);
    });
  },
);

it('shows an ordinary file as Markdown, also while it is typed', () => {
  const state = opened(ordinary);
  expect(isMarkdown(state)).toBe(true);
  expect(isMarkdown(state.update({ changes: { from: 0, insert: 'a' } }).state)).toBe(true);
});

it('shows a file that is too long for Markdown as it is', () => {
  expect(isMarkdown(opened('A sentence.\n'.repeat(200_000)))).toBe(false);
});
