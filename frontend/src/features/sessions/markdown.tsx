// Renders untrusted Markdown of a model: no raw HTML, no external images, and marked external links.

import { visibleText } from '@buoy/contract/visible-text';
import { type ReactNode, useId } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { useTexts } from '../../i18n/use-texts.ts';
import { chatTexts } from './chat-texts.ts';
import { CodeBlock } from './code-block.tsx';

/** Its own headings stand below those of the page; ids of the text would be there twice. */
const components: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  h6: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) => <OutsideLink href={href}>{children}</OutsideLink>,
  img: ({ src, alt }) => (
    <OutsideLink href={typeof src === 'string' ? src : undefined}>
      {alt === undefined || alt === '' ? (src as string | undefined) : alt}
    </OutsideLink>
  ),
  pre: ({ node, children }) => <CodeBlock code={textOf(node)}>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
};

const proseStyles = [
  // What runs the other way stays within its paragraph.
  '[&_:is(p,li,td,th,h3,h4,h5,h6)]:[unicode-bidi:plaintext] [&_code]:[direction:ltr] [&_code]:[unicode-bidi:isolate]',
  'prose space-y-2 [&_a]:text-link [&_a]:underline',
  '[&_ul]:list-disc [&_ul]:space-y-1 [&_ul]:pl-5 [&_ol]:list-decimal [&_ol]:space-y-1 [&_ol]:pl-6',
  '[&_h3]:font-semibold [&_h4]:font-semibold [&_h5]:font-medium [&_h6]:font-medium',
  '[&_blockquote]:border-l-2 [&_blockquote]:border-edge [&_blockquote]:pl-3 [&_blockquote]:text-muted',
  '[&_:not(pre)>code]:rounded [&_:not(pre)>code]:bg-inset [&_:not(pre)>code]:px-1 [&_code]:font-mono [&_code]:text-[0.9em]',
  '[&_table]:text-sm [&_th]:border [&_th]:border-line [&_th]:px-2 [&_th]:py-1 [&_th]:text-left [&_td]:border [&_td]:border-line [&_td]:px-2 [&_td]:py-1',
  '[&_hr]:border-line',
].join(' ');

export function Markdown({ text }: { text: string }) {
  const id = useId();
  const t = useTexts(chatTexts);
  return (
    <div dir="auto" className={proseStyles}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[visibleTexts]}
        remarkRehypeOptions={{ clobberPrefix: `${id}-`, footnoteLabel: t.footnotes }}
        components={components}
      >
        {visibleText(text)}
      </ReactMarkdown>
    </div>
  );
}

/** Addresses within this app are no business of a model: only whole ones become links. */
function OutsideLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (href === undefined || !/^(https?|mailto):/i.test(href)) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

type Node = {
  type: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: readonly unknown[];
};

/** Characters that are written as entities, `&#x202e;`, are hidden ones only once the text is parsed. */
function visibleTexts() {
  return makeVisible;
}

function makeVisible(node: unknown): void {
  const { value, properties = {}, children = [] } = node as Node;
  if (value !== undefined) (node as Node).value = visibleText(value);
  for (const name of ['alt', 'title']) {
    const property = properties[name];
    if (typeof property === 'string') properties[name] = visibleText(property);
  }
  children.forEach(makeVisible);
}

function textOf(node: unknown): string {
  const { type, value, children = [] } = node as Node;
  return type === 'text' ? (value ?? '') : children.map(textOf).join('');
}
