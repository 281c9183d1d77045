// Markdown in an editor, for as long as its text is parsed in short time: agents write the files that people open, and a paragraph is parsed in
// one go.
import { markdown } from '@codemirror/lang-markdown';
import { Compartment, EditorState, type Extension, type Text } from '@codemirror/state';
import { isCostly, MAX_MARKDOWN } from './costly-markdown.ts';

/** @param text that the editor begins with; whatever comes in its place is looked at before it is parsed */
export function markdownUnlessCostly(text: string): Extension {
  const place = new Compartment();
  const language = markdown();
  const plain: Extension = [];
  return [
    place.of(isCostly(text) ? plain : language),
    // Before the new state is made: with it comes the parsing.
    EditorState.transactionExtender.of(({ docChanged, newDoc, startState }) => {
      const now = place.get(startState);
      if (now === language && !docChanged) return null;
      // A language that is put in place parses the text before the change as well: after a costly one it comes with the next change.
      const isFit = fits(newDoc) && (now === language || fits(startState.doc));
      const wanted = isFit ? language : plain;
      return now === wanted ? null : { effects: place.reconfigure(wanted) };
    }),
  ];
}

function fits(doc: Text): boolean {
  return doc.length <= MAX_MARKDOWN && !isCostly(doc.toString());
}
