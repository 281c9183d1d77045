// What a backup does not contain, and how to restore one.
import { useTexts } from '../../i18n/use-texts.ts';
import { useMachineCommands } from '../sign-in/machine-commands.ts';
import { backupTexts } from './texts.ts';

export function BackupAdvice() {
  const t = useTexts(backupTexts);
  const typed = useMachineCommands();
  return (
    <div className="mt-6 grid gap-6 @3xl:grid-cols-2">
      <section>
        <h2 className="text-lg font-semibold">{t.keepTitle}</h2>
        <p className="mt-2 text-sm text-muted">{t.keepWhy}</p>
        <dl className="mt-3 space-y-3 text-sm">
          <KeptFile name="vault-keys">{t.keepVault}</KeptFile>
          <KeptFile name="jwt-secret">{t.keepJwt}</KeptFile>
          <KeptFile name={t.settings}>{t.keepSettings}</KeptFile>
        </dl>
      </section>
      <section>
        <h2 className="text-lg font-semibold">{t.restoreTitle}</h2>
        <ol className="mt-2 list-decimal space-y-2 pl-5 text-sm text-muted">
          <li>{t.restoreStop}</li>
          <li>
            {typed?.isCheckout === true ? t.restoreRun : t.restoreRunInstalled}
            {typed !== null && (
              <code className="mt-1 block rounded border border-line bg-inset px-3 py-2 font-mono text-ink select-all">
                {typed.restore}
              </code>
            )}
          </li>
          <li>{t.restoreStart}</li>
        </ol>
        <p className="mt-3 text-sm text-muted">{t.restoreTry}</p>
      </section>
    </div>
  );
}

function KeptFile({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  );
}
