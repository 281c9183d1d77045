// Issues that OpenClaw reports in a config, each with its path and, in an edited text, its line.
import type { ConfigIssue } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { reviewTexts } from './review-texts.ts';

/** @param lineOf finds the line of a path in the text that the person edits; absent where there is no text */
export function IssueList({
  title,
  issues,
  lineOf,
}: {
  title: string;
  issues: readonly ConfigIssue[];
  lineOf?: ((path: string) => number) | undefined;
}) {
  const t = useTexts(reviewTexts);
  return (
    <div role="alert" className="rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm">
      <p className="font-medium">{title}</p>
      <ul className="mt-1 space-y-1">
        {issues.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <code className="font-mono">
              <VisibleText text={path === '' ? t.wholeConfig : path} />
            </code>
            {lineOf !== undefined && path !== '' && (
              <span className="text-muted"> ({t.inLine(lineOf(path))})</span>
            )}
            :{' '}
            <span lang="en">
              <VisibleText text={message} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
