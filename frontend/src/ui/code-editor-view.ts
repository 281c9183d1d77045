// CodeMirror itself, fetched only where something is edited. It lives in a shadow root: there its styles need no <style> element, which the
// content security policy forbids.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, indentUnit, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState } from '@codemirror/state';
import { EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { editorTheme, highlighting } from './code-editor-theme.ts';
import { fileMarkOf, hiddenInFiles } from './hidden-in-files.ts';
import { markdownUnlessCostly } from './markdown-unless-costly.ts';

export type EditorLanguage = 'json' | 'markdown';

export type EditorSettings = {
  text: string;
  language: EditorLanguage;
  /** What a screen reader calls it. */
  label: string;
  isReadOnly: boolean;
  /** Another version of the text: what is different is shown line by line, each with what takes either side. */
  compareWith: string | null;
  phrases: Readonly<Record<string, string>>;
  onChange: (text: string) => void;
};

/** In UTF-16 units from the start; both alike where there is only a cursor. */
export type Selected = { from: number; to: number };

export type MountedEditor = {
  setText(text: string): void;
  focus(selected: Selected): void;
  destroy(): void;
};

const fromOutside = Annotation.define<boolean>();

/**
 * What is typed over a selection. Chromium would carry the style of what it replaces into a style attribute, which the content security
 * policy forbids and reports.
 */
const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { state } = view;
    if (event.inputType !== 'insertText' || event.data === null || state.readOnly) return false;
    if (view.composing || state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

/** What is hidden in a file, passes for a space, or reorders it, stands there as a label. */
const hiddenCharacters = highlightSpecialChars({
  specialChars: hiddenInFiles,
  render(code) {
    const label = document.createElement('span');
    const { mark, name } = fileMarkOf(String.fromCodePoint(code));
    label.className = 'hidden-character';
    label.textContent = mark;
    label.title = name;
    return label;
  },
});

/** @param host gets a shadow root, once in its life */
export function mountEditor(host: HTMLElement, settings: EditorSettings): MountedEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const { text, language, label, isReadOnly, compareWith, phrases, onChange } = settings;
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorState.phrases.of(phrases),
        EditorState.readOnly.of(isReadOnly),
        EditorView.contentAttributes.of({
          'aria-label': label,
          // It can be reached by keyboard anyway; this says so to who checks the scrolling frame around it.
          tabindex: '0',
          'aria-readonly': String(isReadOnly),
          autocapitalize: 'sentences',
          spellcheck: String(language === 'markdown'),
        }),
        indentUnit.of('  '),
        history(),
        // Tab is left to the browser: who came in by keyboard gets out by keyboard.
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
        language === 'json'
          ? [json(), bracketMatching(), lineNumbers(), firstMistake(phrases.notJson ?? '')]
          : markdownUnlessCostly(text),
        replacing,
        hiddenCharacters,
        EditorView.lineWrapping,
        highlightSelectionMatches(),
        syntaxHighlighting(highlighting),
        editorTheme,
        compareWith === null ? [] : comparison(compareWith, isReadOnly, phrases),
        EditorView.updateListener.of((update) => {
          const isOurs = update.transactions.some((one) => one.annotation(fromOutside) === true);
          if (update.docChanged && !isOurs) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText(wanted) {
      if (view.state.doc.toString() === wanted) return;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: wanted },
        annotations: fromOutside.of(true),
      });
    },
    focus({ from, to }) {
      const { length } = view.state.doc;
      view.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) } });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}

/** Underlines where the text stops being JSON, to the end of the line: a single place is hardly seen. */
function firstMistake(message: string) {
  return linter(({ state }) => {
    let at = -1;
    syntaxTree(state).iterate({
      enter({ type, from }) {
        if (at === -1 && type.isError) at = from;
        return at === -1;
      },
    });
    if (at === -1) return [];
    const line = state.doc.lineAt(at);
    return [{ from: at < line.to ? at : line.from, to: line.to, severity: 'error', message }];
  });
}

function comparison(original: string, isReadOnly: boolean, phrases: EditorSettings['phrases']) {
  return unifiedMergeView({
    original,
    collapseUnchanged: { margin: 3, minSize: 8 },
    mergeControls: isReadOnly
      ? false
      : (side, act) => {
          const button = document.createElement('button');
          button.type = 'button';
          button.className = 'take-side';
          button.textContent = phrases[side === 'accept' ? 'Accept' : 'Reject'] ?? side;
          button.addEventListener('click', act);
          return button;
        },
  });
}
