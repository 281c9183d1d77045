// The editor theme: the app's colours, passed into the shadow root as variables.
import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const monospace = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const tinted = (colour: string, percent: number) => `color-mix(in srgb, ${colour} ${percent}%, transparent)`;

/** No colour says anything alone: headings are bold, links underlined, deleted lines struck through. */
export const highlighting = HighlightStyle.define([
  { tag: [tags.heading, tags.strong], fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.link, tags.url], color: 'var(--link)', textDecoration: 'underline' },
  { tag: tags.propertyName, color: 'var(--link)' },
  { tag: tags.string, color: 'var(--up)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--maintenance)' },
  { tag: [tags.monospace, tags.quote], color: 'var(--muted)' },
  { tag: [tags.processingInstruction, tags.comment, tags.meta], color: 'var(--muted)' },
]);

export const editorTheme = EditorView.theme({
  '&': {
    backgroundColor: 'var(--inset)',
    color: 'var(--ink)',
    border: '1px solid var(--edge)',
    borderRadius: '0.375rem',
    fontSize: '0.875rem',
    maxHeight: '70dvh',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '2px' },
  '.cm-scroller': { fontFamily: monospace, lineHeight: '1.5', minHeight: '12rem', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '0.5rem 0' },
  '.cm-line': { padding: '0 0.75rem' },
  '.cm-gutters': {
    backgroundColor: 'var(--inset)',
    color: 'var(--muted)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: tinted('var(--unreachable)', 25) },
  '.cm-searchMatch-selected': { backgroundColor: tinted('var(--unreachable)', 55) },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: tinted('var(--accent)', 25) },
  '.hidden-character': {
    border: '1px solid var(--unreachable)',
    borderRadius: '0.125rem',
    color: 'var(--unreachable)',
    padding: '0 0.125rem',
    fontSize: '0.85em',
  },
  // In place of a picture in a data: address.
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--down)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--edge)',
    borderRadius: '0.375rem',
  },
  '.cm-panels': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    borderTop: '1px solid var(--line)',
    fontFamily: 'inherit',
  },
  '.cm-textfield, .cm-button, .cm-deletedChunk .cm-chunkButtons button.take-side': {
    minHeight: '2.75rem',
    border: '1px solid var(--edge)',
    borderRadius: '0.375rem',
    background: 'var(--surface)',
    color: 'var(--ink)',
    padding: '0 0.75rem',
    font: '500 0.875rem system-ui, sans-serif',
  },
  '.cm-deletedChunk .cm-chunkButtons button.take-side': { margin: '0', padding: '0 0.5rem' },
  // Above what it is about, not over it.
  '.cm-deletedChunk .cm-chunkButtons': {
    position: 'static',
    display: 'flex',
    flexWrap: 'wrap',
    gap: '0.5rem',
    padding: '0.25rem 0',
  },
  '.cm-deletedChunk': { backgroundColor: tinted('var(--down)', 8), padding: '0 0.75rem' },
  '.cm-deletedChunk .cm-deletedText': { backgroundColor: tinted('var(--down)', 22) },
  '.cm-deletedLine': { textDecoration: 'line-through' },
  '&.cm-merge-b .cm-changedLine, .cm-insertedLine': {
    backgroundColor: tinted('var(--up)', 10),
    boxShadow: 'inset 3px 0 var(--up)',
  },
  '&.cm-merge-b .cm-changedText': { background: tinted('var(--up)', 25) },
  '.cm-collapsedLines': {
    background: 'var(--surface)',
    color: 'var(--muted)',
    padding: '0.25rem 0.75rem',
    textDecoration: 'underline',
  },
  // Smaller letters make phones zoom in when the text gets the focus.
  '@media (max-width: 40rem)': { '&': { fontSize: '1rem' } },
});
