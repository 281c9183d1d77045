// What a backup does not hold, and how to get back from one: to be read before it is needed.

export function KeepToo() {
  return (
    <div className="mt-6 grid gap-6 @3xl:grid-cols-2">
      <section>
        <h2 className="text-lg font-semibold">Keep these too, elsewhere</h2>
        <p className="mt-2 text-sm text-muted">
          A backup on the disk that has died helps nobody: download it, or copy it to another machine. A
          backup holds the database; what opens it is left out on purpose, and you keep it apart:
        </p>
        <dl className="mt-3 space-y-3 text-sm">
          <Kept name="vault-keys">
            from <Code>DATA_DIR</Code>. Without it no stored password, key or token can be opened: you would
            enter them all again.
          </Kept>
          <Kept name="jwt-secret">
            from <Code>DATA_DIR</Code>. Without it everybody signs in again.
          </Kept>
          <Kept name="The settings">
            the environment that Buoy is started with. <Code>VAULT_KEYS</Code> and <Code>JWT_SECRET</Code>,
            where they are set there, take the place of the two files.
          </Kept>
        </dl>
      </section>
      <section>
        <h2 className="text-lg font-semibold">Restore</h2>
        <ol className="mt-2 list-decimal space-y-2 pl-5 text-sm text-muted">
          <li>Stop Buoy, and put the kept files back into its DATA_DIR.</li>
          <li>
            In Buoy’s folder, with the downloaded file:
            <code className="mt-1 block rounded border border-line bg-inset px-3 py-2 font-mono text-ink select-all">
              npm run restore -- FILE
            </code>
          </li>
          <li>Start Buoy again, and look whether your servers are there.</li>
        </ol>
        <p className="mt-3 text-sm text-muted">
          Try it once on another machine while nothing is wrong: only a backup that was restored is known to
          be one.
        </p>
      </section>
    </div>
  );
}

function Kept({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  );
}

function Code({ children }: { children: string }) {
  return <code className="font-mono text-ink">{children}</code>;
}
