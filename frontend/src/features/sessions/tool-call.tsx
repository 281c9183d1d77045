// A tool that the agent used, folded up: what it was given, and what came of it.
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { chatTexts } from './chat-texts.ts';
import type { Call } from './conversation.ts';
import { LongText } from './long-text.tsx';

const marks: Record<Call['state'], { mark: string; tone: string }> = {
  running: { mark: '◐', tone: 'text-link' },
  done: { mark: '✓', tone: 'text-up' },
  failed: { mark: '✕', tone: 'text-down' },
  unknown: { mark: '–', tone: 'text-muted' },
};

export function ToolCall({ call }: { call: Call }) {
  const t = useTexts(chatTexts);
  const { name, title, input, output, state } = call;
  const { mark, tone } = marks[state];
  const summary = title ?? shortInput(input);
  return (
    <details className="rounded-md border border-line bg-inset text-sm">
      <summary className="flex min-h-11 items-center gap-2 px-3 py-1 focus-visible:-outline-offset-2">
        <span aria-hidden="true" className={`font-semibold ${tone}`}>
          {mark}
        </span>
        <span className="min-w-0 flex-1 truncate">
          <span className="font-mono">
            <VisibleText text={name} />
          </span>
          {summary !== null && (
            <bdi className="text-muted">
              {' '}
              <VisibleText text={summary} />
            </bdi>
          )}
        </span>
        <span className={`text-xs ${tone}`}>{t.toolState(state)}</span>
      </summary>
      <div className="space-y-2 border-t border-line px-3 py-2">
        {input !== null && <Block title={t.toolInput} text={wholeInput(input)} />}
        {output !== null && <Block title={t.toolOutput} text={output === '' ? t.toolNoOutput : output} />}
        {input === null && output === null && <p className="text-muted">{t.toolNothingYet}</p>}
      </div>
    </details>
  );
}

function Block({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <p className="text-xs text-muted">{title}</p>
      <LongText text={text}>
        {(shown) => (
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            dir="ltr"
            className="mt-0.5 max-h-64 overflow-auto font-mono text-xs whitespace-pre-wrap"
          >
            <VisibleText text={shown} />
          </pre>
        )}
      </LongText>
    </div>
  );
}

/** UTF-16 units of what stands beside the name of a tool, on one line. */
const MAX_SHORT = 500;

/** The one text that most tools are given, as a command or a path; else nothing. */
function shortInput(input: Call['input']): string | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return null;
  const texts = Object.values(input).filter((value) => typeof value === 'string');
  return texts[0]?.slice(0, MAX_SHORT).split('\n')[0] ?? null;
}

function wholeInput(input: NonNullable<Call['input']>): string {
  if (typeof input === 'object' && !Array.isArray(input)) {
    const [only, ...others] = Object.values(input);
    if (others.length === 0 && typeof only === 'string') return only;
  }
  return typeof input === 'string' ? input : JSON.stringify(input, null, 2);
}
