// A host key as OpenSSH names it, so that a person can compare it.
export type Key = { algorithm: string; fingerprint: string };

export function Fingerprint({ value: { algorithm, fingerprint } }: { value: Key }) {
  return (
    <>
      {algorithm} <span className="font-mono select-all">{fingerprint}</span>
    </>
  );
}
