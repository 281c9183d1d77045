// Finds the cause of a failure in the gateway's log, so that a failed restart names it.

/** A line that names a cause: how to say it. Most telling first; `next` is the line that follows. */
type Rule = { pattern: RegExp; say(match: RegExpExecArray, next: string): string };

/** OpenClaw 2026.9.6 goes on running, and tries again and again. */
const PORT_TAKEN = /already running under systemd; waiting \d+ms before retrying/;

const OUT_OF_MEMORY = 'The server ran out of memory, so the gateway was killed';

const asItIs = (match: RegExpExecArray) => match[0];

/**
 * A pattern that begins with `.*` is anchored to the start of the line, or each position of a long one would be tried. The messages are
 * those of OpenClaw 2026.7.35 and 2026.9.6, Node 24 and systemd 257 in their journals.
 */
const rules: readonly Rule[] = [
  {
    pattern: /Port \d+ is already in use/,
    say: (match, next) => (next.startsWith('- pid ') ? `${match[0]} by ${next.slice(2)}` : match[0]),
  },
  {
    pattern: /Gateway failed to start: (.+)/,
    // The sentence before the colon only names the file; the problem follows on its own line.
    say: ([, text = ''], next) => (text.endsWith(':') && next !== '' ? `${text} ${next}` : text),
  },
  { pattern: /Gateway start blocked: .+/, say: asItIs },
  { pattern: /Refusing to bind gateway .+/, say: (match, next) => `${match[0]} ${next}`.trim() },
  { pattern: /Refusing to run automatic gateway startup migrations .+/, say: asItIs },
  { pattern: /Missing config\. .+/, say: asItIs },
  { pattern: /^.*EADDRINUSE.*/, say: asItIs },
  {
    pattern: /\bENOSPC\b|No space left on device/,
    say: () => 'The disk of the server is full (no space left on device)',
  },
  { pattern: PORT_TAKEN, say: () => "Another program already listens on the gateway's port" },
  { pattern: /^.*(requires Node|node:sqlite is unavailable).*/, say: asItIs },
  {
    pattern: /killed by the OOM killer|systemd-oomd killed |Failed with result 'oom-kill'/,
    say: () => OUT_OF_MEMORY,
  },
  {
    pattern: /^.*JavaScript heap out of memory.*/,
    say: () => 'The gateway ran out of its own memory (heap out of memory)',
  },
  { pattern: /Unable to locate executable .+/, say: asItIs },
  { pattern: /Failed at step [A-Z_]+ spawning .+/, say: asItIs },
  { pattern: /^(?:Uncaught )?\w*Error(?: \[\w+\])?: .+/, say: asItIs },
  { pattern: /code=killed, status=9\/KILL/, say: () => 'The gateway was killed (SIGKILL)' },
  {
    pattern: /Start request repeated too quickly/,
    say: () => 'It exited immediately each time until systemd stopped restarting it (start limit)',
  },
];

/** The gateway's line when a start succeeded: what came before it is no cause. */
const healthy = /\[gateway\] ready\b/;

/**
 * What names the cause of the last failure, one sentence without the full stop where the log has none; null when
 * nothing is recognised.
 * @param lines as `Installations.journal` gives them: newest last, without colour codes
 */
export function causeFromJournal(lines: readonly string[]): string | null {
  const texts = lines.map(withoutTime);
  const recent = texts.slice(texts.findLastIndex((line) => healthy.test(line)) + 1);
  for (const { pattern, say } of rules) {
    const at = recent.findLastIndex((line) => pattern.test(line));
    const match = pattern.exec(recent[at] ?? '');
    if (match !== null) return say(match, recent[at + 1] ?? '').trim();
  }
  return null;
}

/** Whether such a cause is the kernel's, or systemd-oomd's, end of a gateway: OpenClaw's unit has OOMPolicy=continue, with which systemd's result is "signal". */
export function isOutOfMemory(cause: string): boolean {
  return cause.startsWith(OUT_OF_MEMORY);
}

/** What keeps a gateway that runs from starting, one sentence without the full stop; null: nothing that is known. */
export function blockInJournal(lines: readonly string[]): string | null {
  const last = lines.findLastIndex((line) => PORT_TAKEN.test(line));
  return last > lines.findLastIndex((line) => healthy.test(line))
    ? causeFromJournal(lines.slice(last))
    : null;
}

function withoutTime(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) /, '').trim();
}

/** Lines that systemd and the supervisor write about the gateway, and not the gateway itself. */
const aboutIt =
  /^(?:[\w@.-]+\.service: |-- started \d+ --$|(?:Started|Starting|Stopped|Stopping|Failed to start) )/;

/** What the gateway itself wrote last; null: nothing. */
export function lastOwnLine(lines: readonly string[]): string | null {
  const line = lines.findLast((one) => !aboutIt.test(withoutTime(one)));
  return line === undefined ? null : withoutTime(line);
}
