// The question before the address or the token of a gateway is changed.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import type { GatewayDraft } from './gateway-draft.ts';
import { gatewayTexts } from './gateway-texts.ts';

export type GatewayAct = 'address' | 'token';

export function GatewayChangeQuestion({
  act,
  server,
  current,
  draft,
  isPending,
  problem,
  onConfirm,
  onClose,
}: {
  act: GatewayAct;
  server: Server;
  current: GatewayDraft;
  draft: GatewayDraft;
  isPending: boolean;
  problem: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const t = useTexts(gatewayTexts);
  const isToken = act === 'token';
  const changes = [
    ...(draft.port === current.port ? [] : [t.changePort(current.port, draft.port)]),
    ...(draft.bind === current.bind ? [] : [t.changeBind(current.bind, draft.bind)]),
  ];
  const effects = isToken
    ? [t.effect_token, t.effect_ownToken, t.effect_restart]
    : [t.effect_restart, t.effect_devices];
  return (
    <Confirm
      title={isToken ? t.askToken(server.name) : t.askSave(server.name)}
      action={isPending ? t.saving : isToken ? t.tokenNow : t.saveNow}
      isDestructive={isToken}
      isPending={isPending}
      problem={problem}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {!isToken &&
        changes.map((words) => (
          <p key={words} className="font-medium">
            <VisibleText text={words} />
          </p>
        ))}
      {!isToken && draft.bind === 'lan' && draft.bind !== current.bind && (
        <p className="text-unreachable">{t.lanWarning}</p>
      )}
      <ul className="list-disc space-y-1 pl-5 text-muted">
        {effects.map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
      </ul>
    </Confirm>
  );
}
