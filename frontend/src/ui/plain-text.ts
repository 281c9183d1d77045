// The plain text of page content, for places outside of the page.
import { Children, isValidElement, type ReactNode } from 'react';

/** @returns the text, a paragraph a line; null when there is more to it than text and paragraphs */
export function plainTextOf(content: ReactNode): string | null {
  const parts: string[] = [];
  for (const part of Children.toArray(content)) {
    if (typeof part === 'string' || typeof part === 'number') parts.push(String(part));
    else if (isValidElement<{ children?: ReactNode }>(part) && part.type === 'p') {
      const text = plainTextOf(part.props.children);
      if (text === null) return null;
      parts.push(`${parts.length === 0 ? '' : '\n'}${text}`);
    } else return null;
  }
  return parts.join('').trim();
}
