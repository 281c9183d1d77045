// What a setup has come to, and where to go from there.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { setupTexts } from './texts.ts';

/** @param hasModel false: the person chose to add a model later */
export function SetupDone({
  serverId,
  version,
  port,
  hasModel,
}: {
  serverId: string;
  version: string;
  port: number;
  hasModel: boolean;
}) {
  const t = useTexts(setupTexts);
  return (
    <div className="rounded-lg border border-up/50 bg-up/8 px-4 py-3 sm:px-5">
      <p role="status" className="font-medium text-up">
        {t.done(version, String(port))}
      </p>
      {!hasModel && <p className="mt-1 text-sm text-muted">{t.skipHint}</p>}
      <div className="mt-3 flex flex-wrap gap-2">
        {hasModel && (
          <a {...linkTo(serverPath(serverId, 'sessions'))} className={buttonClass('primary')}>
            {t.openChats}
          </a>
        )}
        <a
          {...linkTo(serverPath(serverId, 'agents'))}
          className={buttonClass(hasModel ? 'plain' : 'primary')}
        >
          {t.openAgents}
        </a>
      </div>
    </div>
  );
}
