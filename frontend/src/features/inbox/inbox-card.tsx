// One request: what it is, its server and time, the effect of each decision, and the buttons.
import type { InboxItem } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useEffect, useId, useRef, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { DecisionButton } from '../../ui/decision-button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText, WholeCommand } from '../../ui/visible-text.tsx';
import { AskedCommand, agentName } from './asked-command.tsx';
import { AskedPairing, channelName, senderName } from './asked-pairing.tsx';
import { type Decision, decisionsOn } from './decide.ts';
import { inboxTexts } from './texts.ts';
import { useDecision } from './use-decision.ts';
import { type DecisionOutcome, requestedAt } from './with-decided.ts';

/**
 * @param outcome what became of it; null while it waits
 * @param namesServer false where the page is that server's own
 */
export function InboxCard({
  item,
  outcome,
  namesServer,
  onOutcome,
}: {
  item: InboxItem;
  outcome: DecisionOutcome | null;
  namesServer: boolean;
  onOutcome: (outcome: DecisionOutcome) => void;
}) {
  const t = useTexts(inboxTexts);
  const formats = useFormats();
  const now = useNow();
  const titleId = useId();
  // Of the page, or of a panel on it.
  const Heading = namesServer ? 'h2' : 'h3';
  const asked = requestedAt(item);
  const { expiresAt } = item.type === 'pairing' ? item.pairing : item.approval;
  const isExpired =
    (expiresAt !== null && Date.parse(expiresAt) <= now) ||
    (item.type === 'approval' && item.approval.status === 'expired');
  const times = [
    ...(asked === null ? [] : [t.since(formats.age(asked, now))]),
    ...(expiresAt === null || isExpired || outcome !== null
      ? []
      : [t.expiresIn(formats.duration((Date.parse(expiresAt) - now) / 1000))]),
  ];
  return (
    <>
      <Heading id={titleId} className="font-semibold">
        <VisibleText text={titleOf(item, t)} kind="name" />
      </Heading>
      <p className="mt-0.5 text-sm text-muted">
        {namesServer && (
          <>
            {t.onServer}{' '}
            <a {...linkTo(serverPath(item.serverId))} className="text-link underline">
              <VisibleText text={item.serverName} />
            </a>
            {times.length > 0 && ' · '}
          </>
        )}
        {times.join(' · ')}
      </p>
      {item.type === 'pairing' ? (
        <AskedPairing pairing={item.pairing} />
      ) : (
        <AskedCommand approval={item.approval} serverId={item.serverId} />
      )}
      {outcome !== null ? (
        <OutcomeNote {...outcome} />
      ) : isExpired ? (
        <p className="mt-3 text-sm font-medium text-unreachable">{t.expired}</p>
      ) : (
        <Decisions item={item} titleId={titleId} onOutcome={onOutcome} />
      )}
    </>
  );
}

function titleOf(item: InboxItem, t: (typeof inboxTexts)['en']): string {
  if (item.type === 'approval') return t.commandTitle(agentName(item.approval, t));
  const { pairing } = item;
  return pairing.kind === 'dm'
    ? t.personTitle(senderName(pairing), channelName(pairing))
    : t.deviceTitle(senderName(pairing));
}

function Decisions({
  item,
  titleId,
  onOutcome,
}: {
  item: InboxItem;
  titleId: string;
  onOutcome: (outcome: DecisionOutcome) => void;
}) {
  const t = useTexts(inboxTexts);
  const decision = useDecision(item, onOutcome);
  const [asksAlways, setAsksAlways] = useState(false);
  const effectId = useId();
  const offered = decisionsOn(item);
  const variants: Record<Decision, 'primary' | 'danger' | 'plain'> = {
    approve: 'primary',
    'allow-once': 'primary',
    reject: 'danger',
    deny: 'danger',
    'allow-always': 'plain',
  };
  return (
    <>
      <p id={effectId} className="mt-3 max-w-prose text-sm text-muted">
        {item.type === 'approval' ? (
          t.effect_command
        ) : item.pairing.kind === 'dm' ? (
          <VisibleText text={t.effect_person(channelName(item.pairing))} />
        ) : (
          t.effect_device
        )}
        {offered.includes('allow-always') && ` ${t.effect_command_always}`}
      </p>
      {decision.error !== null && !asksAlways && (
        <div className="mt-3">
          <DecisionProblem problem={decision.error} />
        </div>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        {offered.map((one) => (
          <DecisionButton
            key={one}
            variant={variants[one]}
            aria-describedby={`${titleId} ${effectId}`}
            disabled={decision.isPending}
            onPress={() => (one === 'allow-always' ? setAsksAlways(true) : decision.mutate(one))}
          >
            {t[`do_${one}`]}
          </DecisionButton>
        ))}
      </div>
      {asksAlways && item.type === 'approval' && (
        <Confirm
          title={t.alwaysTitle}
          action={t.alwaysAction}
          isDestructive
          isPending={decision.isPending}
          problem={decision.error}
          onConfirm={() => decision.mutate('allow-always')}
          onClose={() => setAsksAlways(false)}
        >
          <WholeCommand command={item.approval.command} />
          <p>
            <VisibleText text={t.alwaysEffect(agentName(item.approval, t), item.serverName)} />
          </p>
          <p className="text-muted">{t.alwaysUndo}</p>
        </Confirm>
      )}
    </>
  );
}

/** 2026.7.35 cannot reject a person's pairing request; that is not an error. */
function DecisionProblem({ problem }: { problem: Error }) {
  const t = useTexts(inboxTexts);
  if (!(problem instanceof ApiError) || problem.code !== 'unsupported')
    return <ProblemNote problem={problem} />;
  return (
    <div role="alert" className="text-sm">
      <p className="font-medium">{t.cannotReject}</p>
      <p className="text-muted">{t.cannotRejectHint}</p>
    </div>
  );
}

/** Takes the focus: the button that was pressed is gone. */
function OutcomeNote({ words, note }: DecisionOutcome) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  return (
    <p ref={place} role="status" tabIndex={-1} className="mt-3 text-sm font-medium">
      {words}
      {note !== null && (
        <span lang="en">
          {' '}
          <VisibleText text={note} />
        </span>
      )}
    </p>
  );
}
