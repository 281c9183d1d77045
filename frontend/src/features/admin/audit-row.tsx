// One entry of the audit log; request and result unfold below it.
import type { AuditEntry, AuditResult } from '@buoy/contract';
import { OTHER_CALLS, repetitionsIn } from '@buoy/contract/repetitions';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { adminTexts } from './texts.ts';

const tones: Record<AuditResult, { mark: string; tone: string }> = {
  ok: { mark: '✓', tone: 'text-up' },
  started: { mark: '◐', tone: 'text-link' },
  denied: { mark: '⊘', tone: 'text-unreachable' },
  failed: { mark: '✕', tone: 'text-down' },
};

/** @param server its name, or its id where it is gone; null: it concerns none */
export function AuditRow({
  entry,
  person,
  server,
}: {
  entry: AuditEntry;
  person: string;
  server: string | null;
}) {
  const t = useTexts(adminTexts);
  const formats = useFormats();
  const { mark, tone } = tones[entry.result];
  const isOther = entry.action === OTHER_CALLS;
  const count = repetitionsIn(entry);
  return (
    <li className="px-4 py-2 text-sm">
      <details>
        <summary className="min-h-11 py-1">
          <span className="inline-grid w-[calc(100%-1.25rem)] grid-cols-[minmax(0,1fr)_auto] gap-x-3 align-top">
            <span className="font-mono text-xs leading-5">{isOther ? t.otherCalls : entry.action}</span>
            <span className={`whitespace-nowrap ${tone}`}>
              <span aria-hidden="true">{mark}</span> {t[`result_${entry.result}`]}
            </span>
            <span className="col-span-full text-xs text-muted">
              <VisibleText
                text={[
                  formats.moment(entry.at),
                  person,
                  server,
                  entry.target === server ? null : entry.target,
                  count === null ? null : isOther ? t.inAll(count) : t.repeated(count),
                ]
                  .filter((part) => part !== null)
                  .join(' · ')}
              />
            </span>
          </span>
        </summary>
        <Details entry={entry} />
      </details>
    </li>
  );
}

function Details({ entry }: { entry: AuditEntry }) {
  const t = useTexts(adminTexts);
  const { id, requestId, ip, details } = entry;
  return (
    <div className="space-y-2 pt-1 pb-2 text-xs">
      <dl className="grid gap-x-6 gap-y-1 sm:grid-cols-2">
        <Part term={t.entryId} value={id} />
        {requestId !== null && <Part term={t.request} value={requestId} />}
        {ip !== null && <Part term={t.address} value={ip} />}
      </dl>
      {Object.keys(details).length > 0 && (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-72 overflow-auto rounded-md border border-line bg-inset p-3 font-mono whitespace-pre-wrap"
        >
          {/* There are commands in it. */}
          <VisibleText text={JSON.stringify(details, null, 2)} kind="command" />
        </pre>
      )}
    </div>
  );
}

function Part({ term, value }: { term: string; value: string }) {
  const t = useTexts(adminTexts);
  return (
    <div className="flex flex-wrap items-center gap-x-3">
      <dt className="text-muted">{term}</dt>
      <dd className="flex flex-wrap items-center gap-x-3">
        <Copyable value={value} label={t.copy} name={`${t.copy}: ${term}`} />
      </dd>
    </div>
  );
}
