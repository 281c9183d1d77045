// Where in a JSON text something stands: the first mistake, and the value at a path of OpenClaw's. Fetched with the editor, whose parser it uses.

import { keysOf } from '@buoy/contract/config-patch';
import { jsonLanguage } from '@codemirror/lang-json';

type Node = ReturnType<typeof jsonLanguage.parser.parse>['topNode'];

/** Counted from 1. */
export type TextPosition = { line: number; column: number };

/** Where a JSON parser would give up; null when the text is JSON. */
export function firstMistake(text: string): TextPosition | null {
  let at: number | null = null;
  jsonLanguage.parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (at === null && type.isError) at = from;
      return at === null;
    },
  });
  return at === null ? null : positionOf(text, at);
}

/**
 * The line of the deepest part of the path that the text has.
 * @param path as OpenClaw and Buoy write it: `agents.list.0.name`, `models.providers["my.own"]`
 */
export function lineAt(text: string, path: string): number {
  let node: Node | null = jsonLanguage.parser.parse(text).topNode.firstChild;
  let at = node?.from ?? 0;
  for (const key of keysOf(path)) {
    node = node === null ? null : childAt(text, node, key);
    if (node === null) break;
    at = node.from;
    if (node.name === 'Property') node = node.lastChild;
  }
  return positionOf(text, at).line;
}

function childAt(text: string, node: Node, key: string): Node | null {
  if (node.name === 'Object')
    return node
      .getChildren('Property')
      .reduce<Node | null>((found, property) => (nameOf(text, property) === key ? property : found), null);
  if (node.name !== 'Array' || !/^\d+$/.test(key)) return null;
  let left = Number(key);
  for (let item = node.firstChild; item !== null; item = item.nextSibling) {
    // Brackets and commas are nodes, too; values have names.
    if (!/^[A-Z]/.test(item.name)) continue;
    if (left === 0) return item;
    left -= 1;
  }
  return null;
}

function nameOf(text: string, property: Node): string | null {
  const name = property.getChild('PropertyName');
  if (name === null) return null;
  try {
    return String(JSON.parse(text.slice(name.from, name.to)));
  } catch {
    return null;
  }
}

function positionOf(text: string, at: number): TextPosition {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
