// A logger that records its lines, so that a test can search them for secrets.
import type { Logger } from '../logger.ts';

export function createRecordingLogger(): { logger: Logger; text(): string } {
  const lines: string[] = [];
  const write = (...words: unknown[]) => {
    lines.push(
      JSON.stringify(words, (_key, value) =>
        value instanceof Error ? { ...value, message: value.message } : value,
      ),
    );
  };
  const logger = { trace: write, debug: write, info: write, warn: write, error: write, child: () => logger };
  return { logger: logger as unknown as Logger, text: () => lines.join('\n') };
}
