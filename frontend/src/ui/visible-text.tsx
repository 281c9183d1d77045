// Shows untrusted text with a label for each hidden or reordering character.
import {
  hiddenName,
  type TextKind,
  type TextPart,
  textParts,
  visibleText,
} from '@buoy/contract/visible-text';
import type { ReactNode } from 'react';

/** Labels in one text; what has more is no text that anybody reads, and shows escapes instead. */
const MAX_LABELS = 200;

/** @param kind what the text is for: names, commands and diffs are read character by character */
export function VisibleText({ text, kind = 'prose' }: { text: string; kind?: TextKind }): ReactNode {
  const parts = textParts(text, 2 * MAX_LABELS + 1, kind);
  if (parts.every((part) => !part.isHidden)) return text;
  if (parts.length > 2 * MAX_LABELS) return visibleText(text, kind);
  let at = 0;
  return parts.map((part) => {
    const key = at;
    at += part.text.length;
    return part.isHidden ? <HiddenCharacter key={key} part={part} /> : part.text;
  });
}

function HiddenCharacter({ part }: { part: TextPart }) {
  const name = hiddenName(part.text);
  return (
    <span
      title={name}
      className="mx-px rounded-sm border border-unreachable/60 bg-unreachable/12 px-0.5 font-mono text-[0.85em] text-unreachable"
    >
      {name.split(' ', 1)[0]}
    </span>
  );
}

/** A command to decide about: complete and in execution order, whatever characters it contains. */
export function WholeCommand({ command }: { command: string }) {
  return (
    <pre
      dir="ltr"
      className="rounded-md border border-line bg-inset p-3 font-mono text-sm wrap-anywhere whitespace-pre-wrap [unicode-bidi:bidi-override]"
    >
      <VisibleText text={command} kind="command" />
    </pre>
  );
}
